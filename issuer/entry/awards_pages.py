"""The console's pages about awards: finding them, what became of each, and what an officer can do now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from issuer.domain.award import Award, Issued, Revoked, Superseded
from issuer.domain.claim import MAX_WRONG_CODES
from issuer.domain.delivery import is_over, waits
from issuer.domain.envelope import ends_on
from issuer.domain.finding import Wanted
from issuer.domain.graduate import as_cells
from issuer.domain.history import LEARNER, SERVICE, AwardStage
from issuer.domain.message import Channel
from issuer.domain.reissue import MOST_REISSUES, CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.revocation_order import MOST_CHOSEN
from issuer.domain.template import Template
from issuer.entry.acting import Acting, acting
from issuer.entry.areas import AWARDS
from issuer.entry.awards_api import AwardUses, Writer, may_go_beyond
from issuer.entry.cursor import id_after
from issuer.entry.delivery_api import Sending
from issuer.errors import (
    AwardChanged,
    AwardRefusesAction,
    AwardValuesRefused,
    IssuerError,
    ReissueLimitReached,
    SecondWayMissing,
)
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.send_award import Instead
from issuer.use_cases.show_link import ShowLink
from shared.ports.api_keys import ADMIN
from shared.ports.clock import Clock
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.forms import Filled
from shared.web.invitations import qr_svg
from shared.web.pagination import PageQuery, page_of

SHORTEST_REASON, LONGEST_REASON = 3, 500
MOST_PROGRAMMES: Final = 500
"""To choose from in a search."""
CELLS: Final = ("given_name", "family_name", "email", "phone", "language", "awarded_on", "grade_pct", "grade")
MOST_FIELDS: Final = MOST_CHOSEN + 10
EMPTY: Final = FormData()
REFUSED: Final = 422

AwardReader = Annotated[Acting, Depends(acting(AWARDS.scope))]
Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class AwardPages:
    """What the pages show and do."""

    uses: AwardUses
    show_link: ShowLink
    sending: Sending
    look_up: LookUp
    actors: Actors
    console: Console
    clock: Clock

    async def found(
        self, request: Request, by: Acting, asked: PageQuery, given: Mapping[str, str]
    ) -> Response:
        """What is looked for, the newest first."""
        wanted = wanted_in(given)
        rows = await self.uses.find(
            by.organisation, wanted, after=id_after(asked.after), limit=asked.limit + 1, newest_first=True
        )
        page = page_of(rows, asked, key=lambda each: str(each.award.id), show=lambda each: each)
        programmes = await self.look_up.templates(by.organisation, after=None, limit=MOST_PROGRAMMES)
        language, query = self.console.language(request), {k: v for k, v in given.items() if v}
        return self.console.show(
            request,
            "console/awards.html",
            by.caller,
            found=page.items,
            following=urlencode({**query, "after": page.next}) if page.next else None,
            given=given,
            query=urlencode(query),
            stages=list(AwardStage),
            programmes={each.id: title_of(each, language) for each in programmes if each.published},
            may_write=by.caller.may("awards:write"),
        )

    async def page(
        self,
        request: Request,
        by: Acting,
        award_id: UUID,
        *,
        filled: Filled | None = None,
        error: IssuerError | None = None,
        do: str = "",
    ) -> Response:
        """One award; with mistakes or a refusal its status is 422."""
        found = await self.uses.find.one(by.organisation, award_id)
        award, words = found.award, self.console.words(request)
        template = await self.look_up.template(by.organisation, award.template_id)
        _, messages = await self.sending.look_up.award(by.organisation, award_id)
        people = {each.by for each in found.events if each.by} | (
            {award.reissue.check.by} if award.reissue else set()
        )
        wrong = words["wrong_award_form"] if filled is not None and not filled.is_sound else None
        if error is not None:
            wrong = words[_REFUSALS.get(type(error), "wrong_award_moved")]
        return self.console.show(
            request,
            "console/award.html",
            by.caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            filled=filled or Filled(EMPTY),
            asked=do,
            found=found,
            award=award,
            cells=as_cells(award.graduate),
            title=title_of(template, self.console.language(request)),
            credential_until=_credential_ends(award, template),
            link_over=found.link is not None and is_over(found.link.until, now=self.clock()),
            ended=isinstance(award.state, Revoked | Superseded),
            waiting=waits(award),
            closed=award.wrong_codes >= MAX_WRONG_CODES,
            issued=isinstance(award.state, Issued),
            replaced_by=award.state.by if isinstance(award.state, Superseded) else None,
            messages=messages,
            names={who: await self.who(request, by, who) for who in people},
            ways=(Channel.EMAIL, Channel.SMS),
            losses=[(each.value, words[f"award_loss_{each}"]) for each in Loss],
            checks=[(each.value, words[f"award_check_{each}"]) for each in CheckMethod],
            most=MOST_REISSUES,
            may_write=by.caller.may("awards:write"),
            may_beyond=by.caller.may(ADMIN),
        )

    async def who(self, request: Request, by: Acting, who: str) -> str:
        """Whoever did something, by name."""
        words = self.console.words(request)
        if who in {LEARNER, SERVICE}:
            return words[f"award_{who}"]
        return await self.actors.name(who, words, by.organisation)

    async def made(self, request: Request, by: Acting, new: Award, code: str | None) -> Response:
        """What took an award's place, with its code, this once."""
        _, messages = await self.sending.look_up.award(by.organisation, new.id)
        return self.console.show(
            request,
            "console/award_made.html",
            by.caller,
            award=new,
            code=code,
            told=any(each.channel is not Channel.SHEET for each in messages),
        )


def award_pages(pages: AwardPages) -> list[APIRouter]:
    """Every page of the area."""
    return [
        routes(pages) for routes in (_reading, _sending, _correcting, _revoking_many, _reissuing, _revoking)
    ]


def _reading(pages: AwardPages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(AWARDS.path)
    async def everything(request: Request, by: AwardReader, asked: PageQuery) -> Response:
        return await pages.found(request, by, asked, _given(request))

    @router.get(f"{AWARDS.path}.csv")
    async def export(request: Request, by: AwardReader) -> Response:
        return await pages.uses.export(by, wanted_in(_given(request)))

    @router.get(f"{AWARDS.path}/{{award_id}}")
    async def award(
        request: Request, by: AwardReader, award_id: UUID, do: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        """One award; `do` names the form to show open."""
        return await pages.page(request, by, award_id, do=do)

    return router


def _sending(pages: AwardPages) -> APIRouter:
    router = APIRouter(prefix=f"{AWARDS.path}/{{award_id}}", include_in_schema=False)

    @router.post("/send")
    async def send(request: Request, by: Writer, award_id: UUID) -> Response:
        """The link again."""
        way = Filled(await request.form()).text("link_by")
        instead = Instead(link_by=Channel(way) if way in {Channel.EMAIL, Channel.SMS} else None)
        try:
            await pages.sending.send_award(by.organisation, award_id, instead)
        except _REFUSED as error:
            return await pages.page(request, by, award_id, error=error)
        return pages.console.back(f"{AWARDS.path}/{award_id}", "award_sent")

    @router.post("/show-link")
    async def show(request: Request, by: Writer, award_id: UUID) -> Response:
        """The link on the officer's screen."""
        try:
            award, url = await pages.show_link(by.organisation, award_id)
        except _REFUSED as error:
            return await pages.page(request, by, award_id, error=error)
        return pages.console.show(
            request,
            "console/award_handed.html",
            by.caller,
            scripts=("copy.js",),
            award=award,
            url=url,
            qr=qr_svg(url),
        )

    return router


def _correcting(pages: AwardPages) -> APIRouter:
    router = APIRouter(prefix=f"{AWARDS.path}/{{award_id}}", include_in_schema=False)

    @router.post("/correct")
    async def correct(request: Request, by: Writer, award_id: UUID) -> Response:
        filled = Filled(await request.form())
        cells = {name: filled.text(name) for name in CELLS if name in filled.form}
        return await replace(request, by, award_id, filled, "correct_reason", cells)

    @router.post("/new-link")
    async def new_link(request: Request, by: Writer, award_id: UUID) -> Response:
        """The same award behind another link, with another code; only while nobody has it."""
        return await replace(request, by, award_id, Filled(await request.form()), "anew_reason", {})

    async def replace(  # noqa: PLR0917 - what both routes have
        request: Request, by: Acting, award_id: UUID, filled: Filled, why: str, cells: Mapping[str, str]
    ) -> Response:
        reason = text_in(filled, why, "wrong_award_reason")
        if not filled.is_sound:
            return await pages.page(request, by, award_id, filled=filled)
        try:
            new, code = await pages.uses.supersede(
                by.organisation, award_id, cells, reason=reason, notify=bool(filled.text("notify"))
            )
        except AwardValuesRefused as error:
            for complaint in error.complaints:
                filled.fault(complaint.column, f"{complaint.problem} {complaint.remedy}")
            return await pages.page(request, by, award_id, filled=filled)
        except _REFUSED as error:
            return await pages.page(request, by, award_id, filled=filled, error=error)
        return await pages.made(request, by, new, code)

    return router


def _reissuing(pages: AwardPages) -> APIRouter:
    router = APIRouter(prefix=f"{AWARDS.path}/{{award_id}}", include_in_schema=False)

    @router.post("/reissue")
    async def reissue(request: Request, by: Writer, award_id: UUID) -> Response:
        filled = Filled(await request.form())
        lost = reissue_in(filled, by=by.caller.who, at=pages.clock())
        if lost is None:
            return await pages.page(request, by, award_id, filled=filled)
        beyond = may_go_beyond(by.caller, asked=bool(filled.text("beyond")))
        try:
            new, code = await pages.uses.reissue(
                by.organisation, award_id, lost, beyond_limit=beyond, notify=bool(filled.text("notify"))
            )
        except _REFUSED as error:
            return await pages.page(request, by, award_id, filled=filled, error=error)
        return await pages.made(request, by, new, code)

    return router


def _revoking(pages: AwardPages) -> APIRouter:
    router = APIRouter(prefix=AWARDS.path, include_in_schema=False)

    @router.post("/{award_id}/revoke")
    async def revoke(request: Request, by: Writer, award_id: UUID) -> Response:
        filled = Filled(await request.form())
        reason = text_in(filled, "revoke_reason", "wrong_award_reason")
        if not filled.is_sound:
            return await pages.page(request, by, award_id, filled=filled)
        try:
            await pages.uses.revoke(by.organisation, award_id, reason, notify=bool(filled.text("notify")))
        except _REFUSED as error:
            return await pages.page(request, by, award_id, filled=filled, error=error)
        return pages.console.back(f"{AWARDS.path}/{award_id}", "award_revoked")

    return router


def _revoking_many(pages: AwardPages) -> APIRouter:
    router = APIRouter(prefix=AWARDS.path, include_in_schema=False)

    @router.post("/revoke")
    async def confirm(request: Request, by: Writer) -> Response:
        """The page that names how many awards are meant; nothing is revoked yet."""
        return await confirming(request, by, Filled(await request.form(max_fields=MOST_FIELDS)))

    @router.post("/revoke/confirmed")
    async def revoke(request: Request, by: Writer) -> Response:
        filled = Filled(await request.form(max_fields=MOST_FIELDS))
        reason = text_in(filled, "reason", "wrong_award_reason")
        if not filled.text("sure"):
            filled.miss("sure", "wrong_award_sure")
        if not filled.is_sound:
            return await confirming(request, by, filled)
        batch_id, award_ids = chosen_in(filled)
        try:
            order = await pages.uses.revoke_many(
                by.organisation,
                batch_id=batch_id,
                award_ids=award_ids,
                reason=reason,
                notify=bool(filled.text("notify")),
                by=by.caller.who,
            )
        except AwardRefusesAction:
            return await confirming(request, by, filled)
        return pages.console.back(f"{AWARDS.path}/revoking/{order.id}")

    @router.get("/revoking/{order_id}")
    async def progress(request: Request, by: AwardReader, order_id: UUID) -> Response:
        """How far it is; a script keeps the page up to date."""
        order, unpublished = await pages.uses.revoke_many.look_up(by.organisation, order_id)
        final = order.done_at is not None and not unpublished
        return pages.console.show(
            request,
            "console/awards_revoking.html",
            by.caller,
            scripts=() if final else ("live.js",),
            order=order,
            unpublished=unpublished,
            final=final,
        )

    async def confirming(request: Request, by: Acting, filled: Filled) -> Response:
        batch_id, award_ids = chosen_in(filled)
        words = pages.console.words(request)
        count = await pages.uses.revoke_many.count(by.organisation, batch_id=batch_id, award_ids=award_ids)
        wrong = None if filled.is_sound else words["wrong_award_form"]
        if batch_id is None and not award_ids:
            wrong = words["wrong_award_none_chosen"]
        return pages.console.show(
            request,
            "console/awards_revoke.html",
            by.caller,
            status=REFUSED if wrong else 200,
            wrong=wrong,
            filled=filled,
            first="reason" not in filled.form,
            batch=batch_id,
            awards=sorted(award_ids),
            count=count,
            ended=len(award_ids) - count if award_ids else 0,
        )

    return router


def chosen_in(filled: Filled) -> tuple[UUID | None, frozenset[UUID]]:
    """A cohort, or the awards that were ticked."""
    batch_id = _id(filled.text("batch"))
    ticked = (_id(each) for each in filled.several("award")[:MOST_CHOSEN])
    return batch_id, frozenset() if batch_id else frozenset(each for each in ticked if each)


def _given(request: Request) -> Mapping[str, str]:
    """What was filled in to look for."""
    names = ("name", "contact", "stage", "template", "since", "until", "batch")
    return {name: request.query_params.get(name, "").replace("\0", "").strip()[:200] for name in names}


def wanted_in(given: Mapping[str, str]) -> Wanted:
    """What to look for; what no form sends is left out."""
    contact = given["contact"]
    return Wanted(
        name=given["name"],
        email=contact if "@" in contact else "",
        phone="" if "@" in contact else contact,
        stage=next((each for each in AwardStage if each == given["stage"]), None),
        batch_id=_id(given["batch"]),
        template_id=_id(given["template"]),
        since=_day(given["since"]),
        until=_day(given["until"]),
    )


def text_in(filled: Filled, name: str, mistake: str) -> str:
    """A reason."""
    text = filled.text(name)
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        filled.miss(name, mistake)
    return text


def reissue_in(filled: Filled, *, by: str, at: datetime) -> Reissue | None:
    """What was lost and how the identity was checked; None with the mistakes noted."""
    loss = next((each for each in Loss if each == filled.text("loss")), None)
    method = next((each for each in CheckMethod if each == filled.text("check")), None)
    if loss is None:
        filled.miss("loss", "wrong_award_choice")
    if method is None:
        filled.miss("check", "wrong_award_choice")
    text, note = filled.text("loss_text"), filled.text("check_note")
    if text or loss is Loss.OTHER:
        text = text_in(filled, "loss_text", "wrong_award_text")
    if note or method is CheckMethod.OTHER:
        note = text_in(filled, "check_note", "wrong_award_note")
    if loss is None or method is None or not filled.is_sound:
        return None
    return Reissue(loss, text, IdentityCheck(method, note, by, at))


def title_of(template: Template, language: str) -> str:
    """A programme's title in the reader's language, or as it has one."""
    return template.description.titles.get(language) or template.title


def _credential_ends(award: Award, template: Template) -> date | None:
    """The last day of the credential, which its link's last day is not; None also where the name is gone by then."""
    edition = template.published
    return ends_on(award, edition.edition) if edition and award.graduate.given_name else None


def _id(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


_REFUSED: Final = (AwardRefusesAction, AwardChanged, ReissueLimitReached, SecondWayMissing)
_REFUSALS: Final[Mapping[type[IssuerError], str]] = {
    AwardChanged: "wrong_award_changed",
    ReissueLimitReached: "wrong_award_limit",
    SecondWayMissing: "wrong_award_second_way",
}
