"""A problem as a page, for whoever asks for pages: a browser. Programs get the problem document as ever."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.problem import MEDIA_TYPE, Problem
from shared.web.languages import language_for
from shared.web.pages import SHARED_TEMPLATES, Pages

_KINDS: Final = {
    401: "private",
    403: "private",
    404: "not_found",
    410: "not_found",
    429: "later",
    503: "later",
}
_FIRST_FAULT_OF_OURS: Final = 500


class ErrorPages:
    """ASGI layer around everything that answers with problem documents."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app
        self._pages = Pages(SHARED_TEMPLATES, product="Ujuzi")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on; a problem on its way to a browser becomes a page with the same status."""
        if scope["type"] != "http" or not prefers_page(Headers(scope=scope).get("accept", "")):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def instead(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._page(scope, start, body)(scope, receive, send)

        await self._app(scope, receive, instead)

    def _page(self, scope: Scope, start: Message, body: bytes) -> ASGIApp:
        problem = Problem.model_validate_json(body)
        request = Request(scope)
        kept = {
            name: value
            for name, value in Headers(raw=start["headers"]).items()
            if name not in {"content-type", "content-length"}
        }
        return self._pages.show(
            request,
            "error.html",
            status=problem.status,
            lang=language_for(request),
            headers=kept,
            kind=kind_of(problem.status),
            detail=problem.detail if problem.detail != problem.title else None,
            incident=(problem.model_extra or {}).get("incident"),
        )


def kind_of(status: int) -> str:
    """Which words of the catalogue tell a person about this status."""
    return _KINDS.get(status, "broken" if status >= _FIRST_FAULT_OF_OURS else "refused")


def prefers_page(accept: str) -> bool:
    """Whether a page is asked for by name, and no less than JSON is."""
    weights = {"html": 0.0, "json": 0.0}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_number(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
        if kind == "text/html":
            weights["html"] = weight
        elif kind in {"application/json", MEDIA_TYPE}:
            weights["json"] = max(weight, weights["json"])
    return 0 < weights["html"] >= weights["json"]


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
