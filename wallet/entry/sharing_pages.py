"""Answering whoever asks: the request in plain words, one consent, or a no with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from wallet.domain.history import Entry, Kind
from wallet.domain.proof_request import read_needs
from wallet.domain.request import RequestState
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.past_pages import past_router
from wallet.entry.shapes import LONGEST_REASON
from wallet.entry.sharing_view import chosen_of, field_of, request_page
from wallet.entry.waiting import look_again
from wallet.errors import AgentTrouble, ConsentRefused, RequestUnreadable, WarningUnseen, WrongMoment
from wallet.use_cases.consent_to_request import consent_to_request
from wallet.use_cases.decline_request import decline_request
from wallet.use_cases.look_at_request import look_at_request
from wallet.use_cases.write_history import read_history

REASONS: Final = ("who", "much", "purpose", "cannot")
"""Why she may decline: each a text `sharing_reason_…`, beside her own words."""
NOBODY_COULD: Final = ("over", "unreadable")
"""Reasons for what could not be answered at all."""
CONFLICT: Final = 409
CHOSEN: Final = "chosen_"
SHOWN: Final = "shown_"
"""What fields begin with: her choice for a need, and the choice that the page had shown."""


@dataclass(frozen=True)
class Stopped:
    """A consent that was stopped: why, what she had ticked, and the warnings she had been shown."""

    wrong: str
    ticked: Sequence[str]
    seen: Sequence[str]


def sharing_router(frame: Frame) -> APIRouter:
    """Pages of requests and of history."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    router.include_router(past_router(frame))

    @router.get("/requests/{request_id}")
    async def read(request: Request, request_id: str, visit: InVisit) -> Response:
        """Say who asks for what, why, and what is missing; once answered, what became of it."""
        return await _shown(frame, request, visit, request_id, asked=request.query_params)

    @router.post("/requests/{request_id}/answer")
    async def answer(request: Request, request_id: str, visit: InVisit) -> Response:
        """Send the proof she agreed to, and no other: what she chose must be what the page had shown her."""
        return await _answer(frame, request, visit, request_id)

    @router.post("/requests/{request_id}/decline")
    async def decline(request: Request, request_id: str, visit: InVisit) -> Response:
        """Tell them no, and why."""
        return await _decline(frame, request, visit, request_id)

    return router


async def _answer(frame: Frame, request: Request, visit: Visit, request_id: str) -> Response:
    form = await request.form()
    chosen, looks = _texts(form, CHOSEN), "look" in form
    here = f"/requests/{request_id}"
    again = f"{here}?{urlencode(chosen)}"
    if looks or chosen != _texts(form, SHOWN):
        return frame.back(f"{again}#choose", None if looks else "wrong_sharing_changed")
    try:
        stopped = await _consent(visit, request_id, form, chosen)
    except WrongMoment:
        return frame.back(here, "wrong_sharing_moment")
    except (ConsentRefused, RequestUnreadable):
        return frame.back(here, "wrong_sharing_not_sent")
    except AgentTrouble:
        return frame.back(again, "wrong_sharing_away")
    if stopped:
        return await _shown(frame, request, visit, request_id, asked=chosen, stopped=stopped)
    return frame.back(here)


async def _decline(frame: Frame, request: Request, visit: Visit, request_id: str) -> Response:
    form = await request.form()
    here, reason = f"/requests/{request_id}", _reason(form, frame.words(request))
    if reason is None:
        return frame.back(here, "wrong_sharing_reason")
    try:
        await decline_request(visit.wallet, request_id, reason, desk=visit.doors.desk)
    except WrongMoment:
        return frame.back(here, "wrong_sharing_moment")
    except AgentTrouble:
        return frame.back(here, "wrong_sharing_away")
    return frame.back(here)


async def _shown(
    frame: Frame,
    request: Request,
    visit: Visit,
    request_id: str,
    *,
    asked: Mapping[str, str],
    stopped: Stopped | None = None,
) -> Response:
    found = await look_at_request(visit.wallet, request_id, desk=visit.doors.desk)
    state = found.view.exchange.state
    entry = None if state is RequestState.OPEN else await _entry_about(visit, request_id)
    cut_off = state is RequestState.ANSWERED and entry is None
    page = request_page(
        found,
        chosen_of(found.view, asked),
        frame.language(request),
        now=visit.doors.desk.clock(),
        cut_off=cut_off,
        ticked=stopped.ticked if stopped else (),
        seen_before=stopped.seen if stopped else None,
    )
    waits = state is RequestState.ANSWERED and not cut_off
    answer = frame.show(
        request,
        "sharing_request.html",
        visit,
        status=CONFLICT if stopped else 200,
        modules=("home.js",) if waits else (),
        wrong=stopped.wrong if stopped else "wrong_sharing_unfinished" if cut_off else None,
        asked=page,
        entry=entry,
        reasons=REASONS,
        longest=LONGEST_REASON,
    )
    if waits:
        looked = asked.get("n", "")
        look_again(answer, request.url.path, int(looked[:3]) if looked.isdecimal() else 0)
    return answer


async def _consent(
    visit: Visit, request_id: str, form: FormData, chosen: Mapping[str, str]
) -> Stopped | None:
    """None once it is on its way. Raises as `consent_to_request` does, but for warnings."""
    exchange = await visit.wallet.store.request(request_id)
    choices = {
        need.id: chosen[field_of(place)]
        for place, need in enumerate(read_needs(exchange.proof_request))
        if field_of(place) in chosen
    }
    ticked = [each for each in form.getlist("acknowledged") if isinstance(each, str)]
    try:
        await consent_to_request(
            visit.wallet, request_id, choices, acknowledged=ticked, desk=visit.doors.desk
        )
    except WarningUnseen as unseen:
        seen = str(form.get("seen", "")).split()
        came_up = set(unseen.codes).difference(seen)
        return Stopped("wrong_sharing_new" if came_up else "wrong_sharing_tick", ticked, seen)
    return None


async def _entry_about(visit: Visit, request_id: str) -> Entry | None:
    """What her history says of this request; None where she never answered."""
    history = await read_history(visit.wallet)
    about = (one for one in history if one.subject == request_id)
    return next((one for one in about if one.kind in {Kind.SHARED, Kind.REQUEST_DECLINED}), None)


def _texts(form: FormData, start: str) -> dict[str, str]:
    """Fields of the form whose names begin so, by the rest of their names."""
    return {
        name.removeprefix(start): text
        for name, text in form.items()
        if name.startswith(start) and isinstance(text, str)
    }


def _reason(form: FormData, words: Mapping[str, str]) -> str | None:
    """What they are told, in her language; None where she gave no reason."""
    given = str(form.get("reason", ""))
    if given in {*REASONS, *NOBODY_COULD}:
        return words[f"sharing_reason_{given}"]
    own = " ".join(str(form.get("own", "")).split())[:LONGEST_REASON]
    return own or None
