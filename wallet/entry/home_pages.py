"""The first page of an open wallet: what waits for her, what changed, and what she holds."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from wallet.domain.inbox import Change
from wallet.domain.request import RequestView
from wallet.entry.api import InDoors
from wallet.entry.award_said import Giver, Line, Worth, giver_said, skills_said, title_said, worth_said
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.warning_words import named
from wallet.use_cases.read_credentials import Shown
from wallet.use_cases.read_home import read_home

FEW: Final = 3
"""So many are one list; more are grouped by skill."""
KIT: Final = "recovery-kit"


@dataclass(frozen=True)
class Card:
    """An award in a list."""

    path: str
    title: Line
    giver: Giver
    worth: Worth | None = None


@dataclass(frozen=True)
class Group:
    """Awards that show one skill; `skill` None: those whose skills nobody named."""

    skill: Line | None
    cards: Sequence[Card]


def home_router(frame: Frame) -> APIRouter:
    """Pages that show what is in a wallet."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/home")
    async def home(request: Request, visit: InVisit) -> Response:
        """Say what waits, what changed and what she holds."""
        desk, sealed = visit.doors.desk, visit.doors.locks.sealed
        found = await read_home(visit.wallet, sealed=sealed, desk=desk)
        words, language, snapshots = frame.words(request), frame.language(request), desk.trust.snapshots()
        now = desk.clock()

        def card(shown: Shown) -> Card:
            return Card(
                f"/credentials/{shown.holding.credential.id}",
                titles[shown.holding.credential.id],
                giver_said(shown.issuer, shown.holding.edition, snapshots, words, language, now=now),
                worth_said(shown.holding.status, words, language, now=now),
            )

        titles = {
            shown.holding.credential.id: title_said(
                shown.holding.credential.attributes, shown.holding.edition, language
            )
            for shown in found.held
        }
        offered = [
            Card(
                f"/offers/{view.offer.id}",
                title_said(view.offer.attributes, view.edition, language),
                giver_said(view.issuer, view.edition, snapshots, words, language, now=now),
            )
            for view in (*found.offers, *found.coming)
        ]
        return frame.show(
            request,
            "home_open.html",
            visit,
            modules=["home.js"],
            offers=offered[: len(found.offers)],
            coming=offered[len(found.offers) :],
            requests=[(view.exchange.id, _asker(view, language)) for view in found.requests],
            news=[(one, titles[one.credential_id]) for one in found.news],
            groups=_groups(found.held, card, language),
            grouped=len(found.held) > FEW,
            waiting=found.waiting,
            paper=not found.held or await _has_kit(visit),
        )

    @router.get("/home/events")
    async def events(request: Request, doors: InDoors) -> StreamingResponse:
        """Tell a page that something came (server-sent events, kinds only); that alone keeps no wallet open."""
        token = frame.browsers.token(request)
        session = await doors.locks.open_wallets.see(token, now=doors.locks.clock())
        return StreamingResponse(
            _kinds(doors.desk.changes.follow(session.wallet_id)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    return router


async def _kinds(changes: AsyncIterator[Change]) -> AsyncIterator[str]:
    yield "retry: 20000\n\n"
    async for change in changes:
        yield f"data: {json.dumps(change.kind)}\n\n"


def _groups(held: Sequence[Shown], card: Callable[[Shown], Card], language: str) -> Sequence[Group]:
    """By skill, in the order of their names; those without come last. A few are one group."""
    cards = [(card(shown), skills_said(shown.holding.edition, language)) for shown in held]
    if len(cards) <= FEW:
        return [Group(None, [one for one, _ in cards])] if cards else []
    skills = sorted({skill for _, of in cards for skill in of}, key=lambda each: each.text.casefold())
    groups = [Group(skill, [one for one, of in cards if skill in of]) for skill in skills]
    bare = [one for one, of in cards if not of]
    return [*groups, *([Group(None, bare)] if bare else [])]


def _asker(view: RequestView, language: str) -> str | None:
    return named(view.listing.names, language) if view.listing else None


async def _has_kit(visit: Visit) -> bool:
    methods = await visit.doors.locks.book.unlock_methods(visit.session.wallet_id)
    return any(method.method == KIT for method in methods)
