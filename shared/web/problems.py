"""Every error of a web API as a problem document (RFC 9457).

Raise `ProblemError` in the entry layer; services map their own error classes with `ProblemMap`.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.errors import UjuziError
from shared.contracts.problem import MEDIA_TYPE, FieldError, Problem
from shared.ports.errors import Unavailable

log = logging.getLogger(__name__)

type ProblemMap = Mapping[type[Exception], int | Callable[[Any], "ProblemError"]]
"""Error class → status, or → a function that makes the problem; the most specific class wins."""


class ProblemError(UjuziError):
    """An answer other than success."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        type: str = "about:blank",  # noqa: A002 - the field's name in RFC 9457
        title: str | None = None,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        """`more` are extension members of the problem document."""
        super().__init__(detail)
        self.problem = Problem(
            type=type,
            title=title or HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            errors=errors,
            **more,
        )
        self.headers = dict(headers or {})


class ProblemResponse(JSONResponse):
    """A problem document."""

    media_type = MEDIA_TYPE


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457); for browsers a page",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}},
        "model": Problem,
    }
}
"""For `responses=`: every operation may answer with a problem."""


def problem_response(error: ProblemError) -> ProblemResponse:
    """Turn the error into its answer."""
    return ProblemResponse(
        error.problem.model_dump(mode="json", exclude_none=True), error.problem.status, headers=error.headers
    )


def install(app: FastAPI, problem_map: ProblemMap) -> None:
    """Make the app answer every error with a problem document."""

    async def on_problem(_request: Request, error: Exception) -> ProblemResponse:
        assert isinstance(error, ProblemError)  # noqa: S101 - registered for this class only
        return problem_response(error)

    async def on_http(_request: Request, error: Exception) -> ProblemResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
        return problem_response(
            ProblemError(error.status_code, str(error.detail), headers=error.headers or {})
        )

    async def on_invalid(_request: Request, error: Exception) -> ProblemResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
        return problem_response(invalid_input(error))

    async def on_mapped(_request: Request, error: Exception) -> ProblemResponse:
        entry = next(problem_map[kind] for kind in type(error).__mro__ if kind in problem_map)
        return problem_response(ProblemError(entry, str(error)) if isinstance(entry, int) else entry(error))

    async def on_unavailable(_request: Request, error: Exception) -> ProblemResponse:
        assert isinstance(error, Unavailable)  # noqa: S101 - registered for this class only
        log.debug("answered 503: %s: %s", type(error).__name__, error)  # the part's adapter said it once
        return problem_response(unavailable(error))

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Unavailable, on_unavailable)
    for kind in problem_map:
        app.add_exception_handler(kind, on_mapped)


def unavailable(error: Unavailable) -> ProblemError:
    """503 with Retry-After, saying what is missing and what became of the request."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"{error.part[:1].upper()}{error.part[1:]} cannot be had now. {error.stored} "
        f"Send the same request again in {error.retry_after} s, a POST with the same Idempotency-Key.",
        headers={"Retry-After": str(error.retry_after)},
        missing=error.part,
    )


def invalid_input(error: RequestValidationError) -> ProblemError:
    """422, naming each field; what was sent is not repeated, because it may be personal."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request does not have the expected form; see errors.",
        errors=[
            FieldError(where=".".join(str(part) for part in item["loc"]), what=item["msg"])
            for item in error.errors()
        ],
    )


class CatchUnhandled:
    """Outermost ASGI layer: an unforeseen error is logged under an id and answered without internals."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP requests on, answering 500 if they raise."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, note)
        except Exception:
            incident = str(uuid4())
            log.exception("unhandled error %s", incident)
            if started:
                raise
            answer = problem_response(
                ProblemError(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "Something went wrong here. Quote the incident id when you report it.",
                    incident=incident,
                )
            )
            await answer(scope, receive, send)
