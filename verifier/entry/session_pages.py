"""The part of a request's page that binds it to one browser, and leads back to the job platform."""

import secrets
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared.web.languages import language_for
from shared.web.pages import Pages
from verifier.domain.request import Request as Asking
from verifier.domain.request import Stated
from verifier.entry.words import WORDS
from verifier.errors import BoundElsewhere
from verifier.ports import KeepRequests, KeepSessions
from verifier.use_cases.choose_way import ChooseWay
from verifier.use_cases.open_in_browser import OpenInBrowser, digest
from verifier.use_cases.return_to_platform import ReturnToPlatform

COOKIE: Final = "ujuzi-request"
COOKIE_SECONDS: Final = 40 * 24 * 3600
"""Longer than any request waits."""
LONGEST_TOKEN: Final = 100

type Holding = Literal["anybody", "nobody", "this", "another"]
"""Which browser holds a request; anybody where it belongs to no session."""


class SessionPages:
    """Knows a browser by a cookie of that request's page alone."""

    def __init__(self, sessions: KeepSessions, *, secure: bool) -> None:
        """`secure` keeps the cookie from plain http."""
        self._sessions = sessions
        self.secure = secure

    def token(self, request: Request) -> str:
        """What the browser brought; empty if nothing."""
        token = request.cookies.get(COOKIE, "")
        return token if len(token) <= LONGEST_TOKEN else ""

    async def holding(self, request: Request, stated: Stated) -> Holding:
        """Whether this browser holds the request."""
        if stated.session is None:
            return "anybody"
        held = await self._sessions.find(stated.id)
        if held is None or held.browser is None:
            return "nobody"
        mine = secrets.compare_digest(held.browser, digest(self.token(request)))
        return "this" if mine else "another"

    async def refuse_another(self, request: Request, found: Asking | None) -> None:
        """Only the browser that holds a request sees its code or chooses. Raises BoundElsewhere."""
        if found is not None and await self.holding(request, found.stated) in {"nobody", "another"}:
            raise BoundElsewhere(
                "This request belongs to another browser: open its page, which says what to do."
            )


def naming(text: str, organisation: str) -> str:
    """The text with the organisation's name, kept apart from the direction of the text around it."""
    return text.format(organisation=f"\N{FIRST STRONG ISOLATE}{organisation}\N{POP DIRECTIONAL ISOLATE}")


def hold_page(
    pages: Pages, request: Request, stated: Stated, organisation: str, *, another: bool
) -> Response:
    """The page before a browser holds the request, and in any other browser; neither says what is asked."""
    lang = language_for(request)
    return pages.show(
        request,
        "hold.html",
        status=HTTPStatus.FORBIDDEN if another else HTTPStatus.OK,
        lang=lang,
        organisation=organisation,
        here=request.url.path,
        said=naming(WORDS[lang]["held_elsewhere" if another else "hold_why"], organisation),
        another=another,
        purpose=stated.requirement.purpose_in(lang),
    )


def session_router(
    pages: SessionPages,
    requests: KeepRequests,
    hold: OpenInBrowser,
    choose: ChooseWay,
    go_back: ReturnToPlatform,
) -> APIRouter:
    """Taking hold is a POST: mail scanners and previews that open a link hold nothing."""
    router = APIRouter(prefix="/r", tags=["pages"], include_in_schema=False)

    @router.post("/{request_id}/way")
    async def choose_way(request: Request, request_id: str, way: Annotated[int, Form()]) -> Response:
        await pages.refuse_another(request, await requests.find(request_id))
        await choose(request_id, way)
        return RedirectResponse(f"/r/{request_id}?{request.url.query}", HTTPStatus.SEE_OTHER)

    @router.post("/{request_id}/hold")
    async def hold_request(request: Request, request_id: str) -> Response:
        token = await hold(request_id)
        answer = RedirectResponse(f"/r/{request_id}?{request.url.query}", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=COOKIE_SECONDS,
            path=f"/r/{request_id}",
            httponly=True,
            secure=pages.secure,
            samesite="lax",
        )
        return answer

    @router.get("/{request_id}/return")
    async def return_to_platform(request: Request, request_id: str) -> Response:
        """A link, because pages may send forms to themselves only; without the cookie it leads nowhere."""
        address = await go_back(request_id, pages.token(request))
        return RedirectResponse(
            address,
            HTTPStatus.SEE_OTHER,
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    return router
