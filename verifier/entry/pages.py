"""Thin pages: who asks and what for, with a QR code and the state as it changes; and an invitation opened in a browser."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from shared.web.invitations import app_link, page_link, qr_file, qr_svg
from shared.web.languages import day_in_words, days_in_words, language_for
from shared.web.pages import Pages, compressed
from verifier.domain.request import (
    FINAL,
    Asked,
    Created,
    Declined,
    Expired,
    Judged,
    renewable,
    state_name,
)
from verifier.domain.request import Request as Asking
from verifier.domain.requirement import Requirement, along
from verifier.domain.verdict import Outcome
from verifier.entry.request_words import NameSkill, in_words
from verifier.entry.session_pages import Holding, SessionPages, hold_page, naming
from verifier.entry.streams import UNBUFFERED, states
from verifier.entry.words import WORDS
from verifier.errors import RequestUnknown
from verifier.ports import KeepRequests
from verifier.use_cases.renew_request import RenewRequest

LONGEST_INVITATION = 6_000
QR_CACHING = "private, max-age=86400"
MOST_STREAMS = 500
"""Pages that are told at once when something changes; any others ask now and then."""
STREAM_SECONDS = 300.0
REMEDIES = {
    "again": frozenset({"late", "status-replaced"}),
    "show": frozenset({"hidden", "nothing-shown", "not-revealed", "not-proven"}),
}
"""What a learner whose answer was not accepted can do, by what failed; none of it is a fact about her credential."""


def pages_router(
    requests: KeepRequests,
    pages: Pages,
    *,
    organisation: str,
    base_url: str,
    sessions: SessionPages,
    name_skill: NameSkill | None = None,
    wallet_url: str | None = None,
) -> APIRouter:
    """Pages need no key: a request's id cannot be guessed, and the page shows nothing of an answer.

    `wallet_url`: a wallet in the browser that people are offered beside their own app.
    """
    router = APIRouter(tags=["pages"], include_in_schema=False)
    pages = pages.speaking(WORDS)
    _add_events(router, requests)

    @router.get("/")
    async def home(request: Request) -> HTMLResponse:
        """What this is."""
        return pages.show(request, "home.html", organisation=organisation)

    @router.get("/r/{request_id}")
    async def request_page(request: Request, request_id: str) -> Response:
        found = await requests.find(request_id)
        if found is None:
            raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
        lang = language_for(request)
        holding = await sessions.holding(request, found.stated)
        if not isinstance(found, FINAL) and holding in {"nobody", "another"}:
            return hold_page(pages, request, found.stated, organisation, another=holding == "another")
        tag = f'"{state_name(found)}-{found.stated.way}-{holding}-{lang}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        stated = found.stated
        invitation = stated.invitation.url if isinstance(found, Created) else None
        ends = stated.expires_at.astimezone(UTC)
        words = WORDS[lang]
        return pages.show(
            request,
            "request.html",
            lang=lang,
            scripts=("copy.js", "live.js"),
            headers={"ETag": tag},
            tag=tag,
            here=request.url.path,
            final=isinstance(found, FINAL),
            standing=naming(words[_standing(found, holding)], organisation),
            what_now=_what_now(found, holding, words, organisation),
            organisation=organisation,
            purpose=stated.requirement.purpose_in(lang),
            asked=in_words(_choosable(found), lang, name_skill),
            way=stated.way,
            name=naming(words["name_compared"], organisation) if stated.requirement.name else None,
            again=_again(found, words),
            go_back=_way_back(found, holding, words, organisation),
            kept=words["kept_days"].format(days=days_in_words(stated.requirement.keep_days, lang)),
            expires_at=ends,
            ends=words["ends_at"].format(day=day_in_words(ends.date(), lang), time=f"{ends:%H:%M}"),
            invitation_url=invitation,
            app_url=app_link(invitation) if invitation else None,
            page_url=page_link(wallet_url, invitation) if invitation else None,
            qr=f"/r/{request_id}/qr.svg",
        )

    @router.get("/r/{request_id}/qr.svg")
    async def qr_code(request: Request, request_id: str) -> Response:
        found = await requests.find(request_id)
        await sessions.refuse_another(request, found)
        svg = qr_file(found.stated.invitation.url) if isinstance(found, (Created, Asked)) else None
        if svg is None:
            raise RequestUnknown("this request does not wait for an answer")
        return compressed(
            request, Response(svg, media_type="image/svg+xml", headers={"Cache-Control": QR_CACHING})
        )

    @router.get("/i")
    async def landing(request: Request, oob: str = "") -> HTMLResponse:
        if not oob or len(oob) > LONGEST_INVITATION:
            raise RequestUnknown("this address holds no invitation: copy the whole link")
        invitation = f"{base_url}/i?oob={oob}"
        return pages.show(
            request,
            "invitation.html",
            lang=language_for(request),
            scripts=("copy.js",),
            invitation_url=invitation,
            app_url=app_link(invitation),
            page_url=page_link(wallet_url, invitation),
            qr_svg=qr_svg(invitation),
        )

    return router


def _add_events(router: APIRouter, requests: KeepRequests) -> None:
    streams = asyncio.Semaphore(MOST_STREAMS)

    @router.get("/r/{request_id}/events", response_class=StreamingResponse)
    async def events(request_id: str) -> StreamingResponse:
        """Say by server-sent events that there is something new; the page itself says what."""
        if await requests.find(request_id) is None:
            raise RequestUnknown("no request has this address: ask whoever gave it to you for a new one")
        return StreamingResponse(
            _news(requests, request_id, streams), media_type="text/event-stream", headers=UNBUFFERED
        )


def renewal_router(renew: RenewRequest) -> APIRouter:
    """Trying again."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.post("/r/{request_id}/again")
    async def try_again(request: Request, request_id: str) -> Response:
        """A fresh request in place of one that ended without an answer."""
        return RedirectResponse(f"/r/{await renew(request_id)}?{request.url.query}", HTTPStatus.SEE_OTHER)

    return router


def _again(found: Asking, words: Mapping[str, str]) -> str | None:
    """What the button for a fresh link says, where there is one to be had."""
    if isinstance(found, Expired | Declined) and found.renewed_by is not None:
        return words["go_on"]
    return words["try_again"] if renewable(found) else None


async def _news(requests: KeepRequests, request_id: str, streams: asyncio.Semaphore) -> AsyncGenerator[str]:
    """The state at once and after each change, for some minutes: browsers come again by themselves."""
    if streams.locked():
        return
    async with streams:
        told = states(
            lambda: requests.find(request_id),
            requests.following(request_id),
            lambda found: f"{state_name(found)}-{found.stated.way}",
            seconds=STREAM_SECONDS,
        )
        async with aclosing(told):
            async for event in told:
                yield event


def _standing(found: Asking, holding: Holding) -> str:
    """How the request stands, as the key of a sentence; the result is told to the browser that answered."""
    if isinstance(found, Judged) and holding in {"anybody", "this"}:
        return f"judged_{found.verdict.result.value}"
    return "asked_state" if isinstance(found, Asked) else state_name(found)


def _what_now(found: Asking, holding: Holding, words: Mapping[str, str], organisation: str) -> str | None:
    """What she can do once there is a verdict; nothing in it says anything of her credential."""
    standing = _standing(found, holding)
    more = words.get(f"{standing}_{_remedy(found)}" if standing == "judged_rejected" else f"{standing}_more")
    return naming(more, organisation) if more else None


def _remedy(found: Asking) -> str:
    """What would help, where all that failed is hers to do otherwise."""
    steps = found.verdict.steps if isinstance(found, Judged) else ()
    failed = {code for step in steps if step.outcome is Outcome.FAILED for code in step.codes}
    return next((remedy for remedy, codes in REMEDIES.items() if failed and failed <= codes), "more")


def _way_back(found: Asking, holding: Holding, words: Mapping[str, str], organisation: str) -> str | None:
    """What the link back to the job platform says; None where it would lead nowhere."""
    answered = not isinstance(found, (Created, Asked))
    return naming(words["go_back"], organisation) if answered and holding == "this" else None


def _choosable(found: Asking) -> Requirement:
    """What the page tells of: every way while one may be chosen, then the one that is asked."""
    stated = found.stated
    return stated.requirement if isinstance(found, Created) else along(stated.requirement, stated.way)
