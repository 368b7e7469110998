"""Trust Registry Query Protocol 2.0 over HTTP (ToIP, public review 02)."""

import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.trust_registry.domain.trqp import Query
from services.trust_registry.entry.shapes import Moment
from services.trust_registry.use_cases.answer_query import AnswerQuery
from shared.contracts.problem import FieldError
from shared.ports.clock import Clock
from shared.vc.dateint import rfc3339
from shared.web.problems import ProblemError, invalid_input

BAD_REQUEST: Final = 400
REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")

Name = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


def _in_z(value: object) -> object:
    """TRQP allows a time with the offset Z only."""
    if isinstance(value, str) and not value.endswith(("Z", "z")):
        raise ValueError("expected an RFC 3339 time that ends in Z, such as 2026-03-01T09:30:00Z")
    return value


class QueryContext(BaseModel):
    """`time`: as of when (absent: now). `locator` and whatever else there is are of no use to this registry, and said again."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[str, StringConstraints(max_length=2000)]]

    time: Annotated[Moment | None, BeforeValidator(_in_z)] = None
    locator: Annotated[str, StringConstraints(max_length=2000)] | None = None


class TrqpQuery(BaseModel):
    """May `entity_id` do `action` on `resource`, by the word of `authority_id`?"""

    entity_id: Name
    authority_id: Name
    action: Name
    resource: Name
    context: QueryContext = Field(default_factory=QueryContext)


class TrqpAnswer(BaseModel):
    """The query with what was found; times are RFC 3339 in UTC. `context` is the query's own."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time_requested: str
    time_evaluated: str
    message: str
    context: dict[str, str] | None = None


class AuthorizationAnswer(TrqpAnswer):
    """Whether the entity is authorized."""

    authorized: bool


class RecognitionAnswer(TrqpAnswer):
    """Whether the other authority is recognized."""

    recognized: bool


class TrqpRoute(APIRoute):
    """Answers 400 to a malformed query, as TRQP's HTTPS binding asks, and says the query's `X-Request-ID` again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, so changed."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                answer = await handle(request)
            except RequestValidationError as error:
                problem = invalid_input(error).problem
                raise ProblemError(
                    BAD_REQUEST, str(problem.detail), errors=problem.errors, headers=_request_id(request)
                ) from error
            answer.headers.update(_request_id(request))
            return answer

        return handled


def _request_id(request: Request) -> dict[str, str]:
    found = request.headers.get("x-request-id", "")
    return {"X-Request-ID": found} if REQUEST_ID.fullmatch(found) else {}


def trqp_router(answer_query: AnswerQuery, *, clock: Clock) -> APIRouter:
    """`POST /authorization` and `POST /recognition`, open to anybody."""
    router = APIRouter(tags=["TRQP 2.0"], route_class=TrqpRoute)

    @router.post("/authorization", response_model_exclude_none=True)
    async def authorization(body: TrqpQuery) -> AuthorizationAnswer:
        """Whether this authority lets an entity do something."""
        answer = await answer_query(_query(body, clock()), action=body.action)
        return AuthorizationAnswer(
            **_echo(body, answer.time_evaluated),
            context=_context(body),
            message=answer.message,
            authorized=answer.holds,
        )

    @router.post("/recognition", response_model_exclude_none=True)
    async def recognition(body: TrqpQuery) -> RecognitionAnswer:
        """Whether this authority lets another one accredit: `accredit` on the resource."""
        answer = await answer_query(_query(body, clock()), action="accredit")
        return RecognitionAnswer(
            **_echo(body, answer.time_evaluated),
            context=_context(body),
            message=answer.message,
            recognized=answer.holds,
        )

    return router


def _query(body: TrqpQuery, now: datetime) -> Query:
    if body.context.time is not None and body.context.time > now:
        raise ProblemError(
            BAD_REQUEST,
            "Nobody can say what will be trusted later.",
            errors=[
                FieldError(where="body.context.time", what="expected now or earlier, found a later time")
            ],
        )
    return Query(
        entity_id=body.entity_id,
        authority_id=body.authority_id,
        action=body.action,
        resource=body.resource,
        time=body.context.time,
    )


def _echo(body: TrqpQuery, evaluated: datetime) -> dict[str, str]:
    return {
        "entity_id": body.entity_id,
        "authority_id": body.authority_id,
        "action": body.action,
        "resource": body.resource,
        "time_requested": rfc3339(body.context.time or evaluated),
        "time_evaluated": rfc3339(evaluated),
    }


def _context(body: TrqpQuery) -> dict[str, str] | None:
    if "context" not in body.model_fields_set:
        return None
    said = body.context.model_dump(exclude_none=True, exclude={"time"})
    time = {} if body.context.time is None else {"time": rfc3339(body.context.time)}
    return {**said, **time}
