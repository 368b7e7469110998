"""What is offered to her: what it is, from whom, what it says about her; she takes it, declines it or decides later."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response

from wallet.domain.history import Kind
from wallet.domain.offer import OfferDoubt, OfferState, OfferView, differing
from wallet.entry.award_said import about_her, giver_said, name_said, programme_said, skills_said, title_said
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.shapes import LONGEST_REASON
from wallet.entry.value_words import attribute_said
from wallet.entry.waiting import gives_up, look_again
from wallet.errors import AgentTrouble, NotThere, OfferUnknown, WrongMoment
from wallet.use_cases.accept_offer import accept_offer
from wallet.use_cases.decline_offer import decline_offer
from wallet.use_cases.read_offer import read_offer
from wallet.use_cases.settle_exchanges import settle_exchanges
from wallet.use_cases.write_history import has_entry

NO_REASON: Final = "The learner declined."
_REFUSALS: Final = {WrongMoment: "wrong_offer_moved_on", OfferUnknown: None}
_REFUSED: Final = (WrongMoment, OfferUnknown, AgentTrouble)
Looked = Annotated[int | None, Query(alias="n", ge=0, le=1000)]


class Why(StrEnum):
    """Why she declines."""

    NOT_MINE = "not_mine"
    WRONG = "wrong"
    UNASKED = "unasked"
    OTHER = "other"


class Stage(StrEnum):
    """Where an offer is, as she is told."""

    OPEN = "open"
    COMING = "coming"
    ARRIVED = "arrived"
    STORED = "stored"
    REPLACED = "was_replaced"
    DECLINED = "declined"
    DIFFERS = "differs"
    BROKEN = "broken"


def offer_router(frame: Frame) -> APIRouter:
    """Pages of offers."""
    router = APIRouter(prefix="/offers/{offer_id}", tags=["pages"], include_in_schema=False)

    @router.get("")
    async def offer(request: Request, visit: InVisit, offer_id: str, looked: Looked = None) -> Response:
        """Show an offer, and once she has taken it how far it has come; `n` is how often the page has looked."""
        try:
            return await _page(frame, request, visit, offer_id, looked)
        except NotThere:
            return frame.show(request, "gone.html", visit, status=HTTPStatus.NOT_FOUND)

    @router.post("/accept")
    async def accept(visit: InVisit, offer_id: str) -> Response:
        """Take it; twice is once, and a connection that was lost meanwhile does no harm."""
        here = f"/offers/{offer_id}"
        try:
            await accept_offer(visit.wallet, offer_id, desk=visit.doors.desk)
        except _REFUSED as error:
            return frame.back(here, _REFUSALS.get(type(error), "wrong_not_now"))
        return frame.back(f"{here}?n=0")

    @router.post("/decline")
    async def decline(
        request: Request,
        visit: InVisit,
        offer_id: str,
        why: Annotated[Why, Form()] = Why.OTHER,
        text: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
    ) -> Response:
        """Say no; the organisation reads why, in her words."""
        words, here = frame.words(request), f"/offers/{offer_id}"
        said = [words[f"offer_why_{why.value}"]] if why is not Why.OTHER else []
        reason = "\n".join([*said, *([text.strip()] if text.strip() else [])])[:LONGEST_REASON]
        try:
            await decline_offer(visit.wallet, offer_id, reason or NO_REASON, desk=visit.doors.desk)
        except _REFUSED as error:
            return frame.back(here, _REFUSALS.get(type(error), "wrong_not_now"))
        return frame.back("/home", "said_offer_declined")

    return router


async def _page(frame: Frame, request: Request, visit: Visit, offer_id: str, looked: int | None) -> Response:
    """Raises OfferUnknown."""
    desk, language, words = visit.doors.desk, frame.language(request), frame.words(request)
    now, snapshots = desk.clock(), desk.trust.snapshots()
    view = await read_offer(visit.wallet, offer_id, desk=desk)
    if view.offer.state is OfferState.ARRIVED:
        await settle_exchanges(visit.wallet, desk=desk)
        view = await read_offer(visit.wallet, offer_id, desk=desk)
    stage, attributes = await _stage(visit, view), view.offer.attributes
    if stage is Stage.STORED and looked is not None:
        return frame.back(f"/credentials/{view.offer.credential_id}", "said_offer_stored")
    waits = stage in {Stage.COMING, Stage.ARRIVED}
    answer = frame.show(
        request,
        "offer.html",
        visit,
        modules=["home.js"] if waits else [],
        view=view,
        stage=stage.value,
        path=request.url.path,
        over=gives_up(looked or 0),
        title=title_said(attributes, view.edition, language),
        person=name_said(attributes, language),
        giver=giver_said(view.issuer, view.edition, snapshots, words, language, now=now),
        about=about_her(view.claims, view.edition, language),
        skills=skills_said(view.edition, language),
        programme=programme_said(view.edition, language),
        doubts=[each.value.replace("-", "_") for each in view.doubts if each is not OfferDoubt.NOT_VOUCHED],
        differs=[attribute_said(name, language) for name in differing(view.offer)],
        reasons=[why.value for why in Why],
        longest=LONGEST_REASON // 2,
    )
    if waits:
        look_again(answer, request.url.path, looked or 0)
    return answer


async def _stage(visit: Visit, view: OfferView) -> Stage:
    state = view.offer.state
    if state is OfferState.STORED:
        return Stage.STORED if await _held(visit, view) else Stage.REPLACED
    if state in {OfferState.DECLINED, OfferState.BROKEN} and await has_entry(
        visit.wallet.store, Kind.CREDENTIAL_REFUSED, view.offer.id
    ):
        return Stage.DIFFERS
    return {
        OfferState.OPEN: Stage.OPEN,
        OfferState.ACCEPTED: Stage.COMING,
        OfferState.ARRIVED: Stage.ARRIVED,
        OfferState.DECLINED: Stage.DECLINED,
    }.get(state, Stage.BROKEN)


async def _held(visit: Visit, view: OfferView) -> bool:
    try:
        await visit.wallet.store.credential(view.offer.credential_id or view.offer.id)
    except NotThere:
        return False
    return True
