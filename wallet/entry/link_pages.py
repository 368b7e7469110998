"""A link she was sent: opening it changes nothing; following it waits for what its sender says, and may be left meanwhile."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response

from wallet.domain.inbox import Change
from wallet.domain.invitation import read_invitation
from wallet.entry.browser import InVisit, InVisitIfAny, new_path, unlock_path
from wallet.entry.frame import Frame
from wallet.entry.waiting import gives_up, look_again
from wallet.errors import (
    AgentTrouble,
    InvitationRefused,
    LinkIncomplete,
    NotThere,
    SenderUnreachable,
    StoreFull,
    WalletError,
)
from wallet.use_cases.await_message import await_message, message_over
from wallet.use_cases.receive_invitation import label_of, receive_invitation

SCRIPTS: Final = ("scan.js",)
ARRIVES_SOON: Final = 4.0
"""Seconds: most senders have said something by then."""
LONGEST: Final = 20_000
Looked = Annotated[int, Query(alias="n", ge=0, le=1000)]

_REFUSALS: Final[tuple[tuple[type[WalletError], str, HTTPStatus], ...]] = (
    (LinkIncomplete, "wrong_link_incomplete", HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvitationRefused, "wrong_link_refused", HTTPStatus.UNPROCESSABLE_ENTITY),
    (SenderUnreachable, "wrong_sender_away", HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreFull, "wrong_wallet_full", HTTPStatus.CONFLICT),
    (AgentTrouble, "wrong_not_now", HTTPStatus.SERVICE_UNAVAILABLE),
)
_REFUSED: Final = tuple(kind for kind, _, _ in _REFUSALS)


def link_router(frame: Frame) -> APIRouter:
    """Pages from a link to what it brings."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/i")
    async def landing(request: Request, visit: InVisitIfAny, oob: str = "") -> Response:
        """Opening a link changes nothing."""
        link = f"{frame.browsers.base_url}/i?oob={oob}"
        here = f"/i?oob={oob}"
        wrong = _refusal(link) if oob else None
        return frame.show(
            request,
            "link.html",
            visit,
            status=HTTPStatus.NOT_FOUND if not oob else wrong[1] if wrong else HTTPStatus.OK,
            wrong=wrong[0] if wrong else None,
            link=link if oob else None,
            usable=bool(oob) and wrong is None,
            unlock=unlock_path(here),
            make=new_path(here),
        )

    @router.get("/add")
    async def add(request: Request, visit: InVisit) -> Response:
        """Put in a link."""
        return frame.show(request, "add.html", visit, modules=SCRIPTS, link="")

    @router.post("/follow")
    async def follow(
        request: Request, visit: InVisit, link: Annotated[str, Form(max_length=LONGEST)] = ""
    ) -> Response:
        """Answer the link and wait a little; what is there already is shown at once."""
        try:
            received = await receive_invitation(visit.wallet, link.strip(), facts=visit.doors.desk.facts)
        except _REFUSED as error:
            key, status = _told(error)
            return frame.show(
                request, "add.html", visit, status=status, modules=SCRIPTS, wrong=key, link=link
            )
        connection = received.connection_id
        found = await await_message(visit.wallet, connection, seconds=ARRIVES_SOON, desk=visit.doors.desk)
        return frame.back(_place(found) or f"/follow/{connection}")

    @router.get("/follow/{connection_id}")
    async def waiting(request: Request, visit: InVisit, connection_id: str, looked: Looked = 0) -> Response:
        """Wait for what the sender says, by looking now and then."""
        try:
            label = await label_of(visit.wallet, connection_id)
        except NotThere:
            return frame.show(request, "gone.html", visit, status=HTTPStatus.NOT_FOUND)
        if place := _place(await message_over(visit.wallet, connection_id)):
            return frame.back(place)
        answer = frame.show(
            request,
            "wait.html",
            visit,
            modules=["home.js"],
            label=label,
            path=request.url.path,
            over=gives_up(looked),
        )
        look_again(answer, request.url.path, looked)
        return answer

    return router


def _place(found: Change | None) -> str | None:
    return f"/{found.kind}s/{found.id}" if found else None


def _refusal(link: str) -> tuple[str, HTTPStatus] | None:
    """Why nobody could follow it; None where it can be tried."""
    try:
        read_invitation(link)
    except InvitationRefused as error:
        return _told(error)
    return None


def _told(error: WalletError) -> tuple[str, HTTPStatus]:
    return next((key, status) for kind, key, status in _REFUSALS if isinstance(error, kind))
