"""The console's pages about people's own data: requests, what was found, the copy to hand over."""

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from issuer.domain.privacy_request import Outcome, Remains, RequestKind, Sought
from issuer.domain.reissue import CheckMethod, IdentityCheck
from issuer.entry.acting import Acting
from issuer.entry.areas import PRIVACY
from issuer.entry.cursor import id_after
from issuer.entry.privacy_api import NO_STORE, Officer, Privacy, copy_json, who
from issuer.errors import AwardChanged, PrivacyRequestRefusesAction
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.pagination import DEFAULT_LIMIT, PageAsked, PageQuery, page_of

REFUSED: Final = 422
CONFLICT: Final = 409
MOST_NOTE: Final = 500


@dataclass(frozen=True, kw_only=True)
class PrivacyPages:
    """What the pages show and do."""

    privacy: Privacy
    actors: Actors
    console: Console

    async def all(
        self, request: Request, by: Acting, asked: PageAsked, filled: Filled | None = None, wrong: str = ""
    ) -> Response:
        """Every request, and the form for another."""
        rows = await self.privacy.look_up.all(
            by.organisation, after=id_after(asked.after), limit=asked.limit + 1
        )
        page = page_of(rows, asked, key=lambda row: str(row.id), show=lambda row: row)
        return self.console.show(
            request,
            "console/privacy_requests.html",
            by.caller,
            status=REFUSED if wrong else 200,
            wrong=self.console.words(request)[wrong] if wrong else None,
            filled=filled or Filled(FormData()),
            requests=page.items,
            following=page.next,
            today=self.privacy.clock().date(),
        )

    async def one(
        self,
        request: Request,
        by: Acting,
        request_id: UUID,
        *,
        filled: Filled | None = None,
        wrong: str = "",
        status: int = REFUSED,
    ) -> Response:
        """One request and what to do next."""
        asked = await self.privacy.look_up.one(by.organisation, request_id)
        words = self.console.words(request)
        doers = {each.by for each in (asked.check, asked.answer) if each is not None}
        return self.console.show(
            request,
            "console/privacy_request.html",
            by.caller,
            status=status if wrong else 200,
            wrong=words[wrong] if wrong else None,
            filled=filled or Filled(FormData()),
            asked=asked,
            found=[] if asked.answer else await self.privacy.look_up.found(asked),
            names={each: _apart(await self.actors.name(each, words, by.organisation)) for each in doers},
            methods=[each.value for each in CheckMethod],
            remains=[each.value for each in Remains],
            today=self.privacy.clock().date(),
        )


def _apart(name: str) -> str:
    """A name within a sentence that may run the other way."""
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def privacy_pages(pages: PrivacyPages) -> list[APIRouter]:
    """Pages under /console/requests, for officers."""
    return [_reading(pages), _doing(pages), _answering(pages)]


def _reading(pages: PrivacyPages) -> APIRouter:
    router = APIRouter(prefix=PRIVACY.path, include_in_schema=False)

    @router.get("")
    async def everything(request: Request, by: Officer, asked: PageQuery) -> Response:
        return await pages.all(request, by, asked)

    @router.get("/{request_id}")
    async def one(request: Request, by: Officer, request_id: UUID) -> Response:
        return await pages.one(request, by, request_id)

    @router.get("/{request_id}/copy")
    async def copy(request: Request, by: Officer, request_id: UUID) -> Response:
        try:
            found = await pages.privacy.look_up.copy(by.organisation, request_id)
        except PrivacyRequestRefusesAction:
            return await pages.one(request, by, request_id, wrong="privacy_answered_already", status=CONFLICT)
        answer = pages.console.show(request, "console/privacy_copy.html", by.caller, copy=found)
        answer.headers["Cache-Control"] = NO_STORE
        return answer

    @router.get("/{request_id}/copy.json")
    async def copy_file(request: Request, by: Officer, request_id: UUID) -> Response:
        try:
            found = await pages.privacy.look_up.copy(by.organisation, request_id)
        except PrivacyRequestRefusesAction:
            return await pages.one(request, by, request_id, wrong="privacy_answered_already", status=CONFLICT)
        name = f"request-{found.request.number}.json"
        return Response(
            json.dumps(copy_json(found), ensure_ascii=False, indent=2),
            media_type="application/json",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": NO_STORE,
            },
        )

    return router


def _doing(pages: PrivacyPages) -> APIRouter:
    router = APIRouter(prefix=PRIVACY.path, include_in_schema=False)
    privacy, console = pages.privacy, pages.console

    @router.post("")
    async def take(request: Request, by: Officer) -> Response:
        filled = Filled(await request.form())
        sought = _sought(filled)
        if sought is None or not filled.is_sound:
            first = PageAsked(None, DEFAULT_LIMIT)
            return await pages.all(request, by, first, filled, "privacy_nothing_given")
        kind = RequestKind.ERASURE if filled.text("kind") == RequestKind.ERASURE else RequestKind.ACCESS
        taken = await privacy.take(by.organisation, kind, sought, by=who(by))
        return console.back(f"{PRIVACY.path}/{taken.id}")

    @router.post("/{request_id}/check")
    async def check(request: Request, by: Officer, request_id: UUID) -> Response:
        filled = Filled(await request.form())
        awards = _ids(filled)
        note = filled.text("note")[:MOST_NOTE]
        method = filled.text("method")
        if not awards or method not in set(CheckMethod) or (method == CheckMethod.OTHER and not note):
            filled.miss("method", "privacy_check_wrong")
            return await pages.one(request, by, request_id, filled=filled, wrong="privacy_check_wrong")
        made = IdentityCheck(CheckMethod(method), note, who(by), privacy.clock())
        try:
            await privacy.check(by.organisation, request_id, awards, made)
        except PrivacyRequestRefusesAction:
            return await pages.one(request, by, request_id, wrong="privacy_answered_already", status=CONFLICT)
        return console.back(f"{PRIVACY.path}/{request_id}", "privacy_checked")

    return router


def _answering(pages: PrivacyPages) -> APIRouter:
    router = APIRouter(prefix=PRIVACY.path, include_in_schema=False)

    @router.post("/{request_id}/answer")
    async def answer(request: Request, by: Officer, request_id: UUID) -> Response:
        filled = Filled(await request.form())
        outcome = filled.text("outcome")
        if outcome == Outcome.ERASED and filled.text("sure") != "yes":
            filled.miss("sure", "privacy_tick_sure")
            return await pages.one(request, by, request_id, filled=filled, wrong="privacy_tick_sure")
        reason = filled.text("reason")[:MOST_NOTE]
        if outcome == Outcome.REFUSED and not reason:
            filled.miss("reason", "privacy_reason_wrong")
            return await pages.one(request, by, request_id, filled=filled, wrong="privacy_reason_wrong")
        if outcome not in set(Outcome):
            return await pages.one(request, by, request_id, wrong="privacy_answered_already", status=CONFLICT)
        try:
            await pages.privacy.answer(
                by.organisation, request_id, Outcome(outcome), reason=reason, by=who(by)
            )
        except PrivacyRequestRefusesAction:
            return await pages.one(request, by, request_id, wrong="privacy_answered_already", status=CONFLICT)
        except AwardChanged:
            return await pages.one(request, by, request_id, wrong="privacy_claimed_now", status=CONFLICT)
        return pages.console.back(f"{PRIVACY.path}/{request_id}", "privacy_answered")

    return router


def _sought(filled: Filled) -> Sought | None:
    award, name = filled.text("award"), filled.text("name")
    award_id = None
    if award:
        try:
            award_id = UUID(award)
        except ValueError:
            filled.miss("award", "privacy_award_wrong")
            return None
    if bool(award_id) != bool(name) or not (award_id or filled.text("email") or filled.text("phone")):
        return None
    return Sought(filled.text("email"), filled.text("phone"), award_id, name)


def _ids(filled: Filled) -> list[UUID]:
    found = []
    for text in filled.several("awards"):
        try:
            found.append(UUID(text))
        except ValueError:
            return []
    return found
