"""Requests and their verdicts in the console."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from shared.contracts.deletion_words import MOST_REASON
from shared.contracts.question_words import is_plain
from shared.ports.api_keys import Caller
from shared.ports.errors import Unavailable
from shared.web.forms import Filled
from shared.web.invitations import qr_svg
from shared.web.pagination import PageQuery, page_of
from verifier.domain.request import (
    FINAL,
    STATES,
    Asked,
    Created,
    Declined,
    Expired,
    Judged,
    Sought,
    state_name,
)
from verifier.domain.request import Request as Asking
from verifier.domain.template import Template, fill
from verifier.domain.verdict import Result
from verifier.domain.wish import Wish
from verifier.entry.api import Requester
from verifier.entry.areas import REQUESTS
from verifier.entry.console_pages import MOST_TEMPLATES, Reader, VerifierPages, is_published
from verifier.entry.in_verdict_words import verdict_in_words
from verifier.entry.parameter_form import asking_in, fields_of, note_faults
from verifier.entry.shapes import read_requirement, show_wish
from verifier.errors import NoWish, RequestFinished, RequestUnknown, RequirementInvalid, VerifierError

STANDINGS = (
    "created",
    "asked",
    "answered",
    "accepted",
    "rejected",
    "undecided",
    "declined",
    "expired",
    "withdrawn",
)
"""How a request can stand: its state, or where there is a verdict its result."""


def request_pages(pages: VerifierPages) -> list[APIRouter]:
    """Every page about requests."""
    return [_requests(pages), _making(pages), _one(pages), _shown(pages)]


def _requests(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=REQUESTS.path, include_in_schema=False)

    @router.get("")
    async def everything(
        request: Request,
        caller: Reader,
        asked: PageQuery,
        stands: Annotated[str, Query(max_length=20)] = "",
        template: Annotated[str, Query(max_length=60)] = "",
    ) -> Response:
        rows = await pages.requests.page(asked.after, asked.limit + 1, _sought(stands, template))
        words, language = pages.console.words(request), pages.console.language(request)
        page = page_of(rows, asked, key=lambda row: row.stated.id, show=lambda row: row)
        wishes = await pages.wishes.of([each.stated.id for each in page.items])
        shown = [
            {
                "id": each.stated.id,
                "purpose": each.stated.requirement.purpose_in(language),
                "stands": standing(each),
                "template": each.stated.template and str(each.stated.template.ref),
                "by": await _by(pages, each, words),
                "at": each.stated.created_at,
                "wished": each.stated.id in wishes and wishes[each.stated.id].answer is None,
            }
            for each in page.items
        ]
        known = await pages.templates.page(None, MOST_TEMPLATES)
        return pages.show(
            request,
            "requests",
            caller,
            rows=shown,
            next=page.next,
            later=asked.after is not None,
            standings=STANDINGS,
            stands=stands,
            chosen=template,
            templates=dict.fromkeys(each.ref.id for each in known),
        )

    return router


def _making(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=f"{REQUESTS.path}/new", include_in_schema=False)

    @router.get("")
    async def choose(request: Request, caller: Requester) -> Response:
        return pages.show(request, "request_choose", caller, templates=await pages.newest_published())

    @router.get("/{ref}")
    async def form(request: Request, caller: Requester, ref: str) -> Response:
        return await _form(pages, request, caller, await pages.requirements.template(ref))

    @router.post("/{ref}")
    async def make(request: Request, caller: Requester, ref: str) -> Response:
        template, filled = await pages.requirements.template(ref), Filled(await request.form())
        body = asking_in(filled, template, sessions=pages.sessions)
        if body is None:
            return await _form(pages, request, caller, template, filled=filled)
        try:
            if filled.text("do") == "preview":
                requirement = read_requirement(fill(template, body.parameters)[0])
                preview = pages.requirements.in_words(requirement, pages.console.language(request))
                return await _form(pages, request, caller, template, filled=filled, preview=preview)
            created = await pages.ask(body, caller)
        except RequirementInvalid as error:
            note_faults(filled, template, error.faults)
            return await _form(pages, request, caller, template, filled=filled)
        except Unavailable:
            raise
        except VerifierError as error:
            return await _form(pages, request, caller, template, filled=filled, error=error)
        return pages.console.back(f"{REQUESTS.path}/{created.stated.id}", "request_made")

    return router


async def _form(
    pages: VerifierPages,
    request: Request,
    caller: Caller,
    template: Template,
    *,
    filled: Filled | None = None,
    preview: object = None,
    error: VerifierError | None = None,
) -> Response:
    return pages.show(
        request,
        "request_form",
        caller,
        filled=filled,
        error=error,
        version=template,
        published=is_published(template),
        fields=fields_of(template),
        names=bool(template.content.body.get("name_match")),
        sessions=pages.sessions,
        preview=preview,
    )


def _one(pages: VerifierPages) -> APIRouter:
    router = APIRouter(prefix=f"{REQUESTS.path}/{{request_id}}", include_in_schema=False)

    @router.get("")
    async def page(request: Request, caller: Reader, request_id: str) -> Response:
        found = await _found(pages, request_id)
        wish = await pages.wishes.find(request_id)
        tag = f'"{standing(found)}-{_how_far(wish)}-{pages.console.language(request)}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return await _page(pages, request, caller, found, tag=tag)

    @router.get("/receipt")
    async def receipt(_: Reader, request_id: str) -> Response:
        found = await _found(pages, request_id)
        if not isinstance(found, Judged):
            raise RequestUnknown("this request has no verdict, so there is no receipt")
        return Response(
            f"{found.receipt}\n",
            media_type="text/plain",
            headers={"Content-Disposition": f'attachment; filename="receipt-{found.stated.id}.jws"'},
        )

    @router.post("/withdraw")
    async def withdraw(request: Request, caller: Requester, request_id: str) -> Response:
        try:
            await pages.withdraw(request_id)
        except RequestFinished as error:
            return await _page(pages, request, caller, await _found(pages, request_id), error=error)
        return pages.console.back(f"{REQUESTS.path}/{request_id}", "request_withdrawn")

    return router


def _shown(pages: VerifierPages) -> APIRouter:
    """What the learner showed: deleting it, or saying why not."""
    router = APIRouter(prefix=f"{REQUESTS.path}/{{request_id}}", include_in_schema=False)

    @router.post("/erase")
    async def erase(request: Request, caller: Requester, request_id: str) -> Response:
        try:
            await pages.erase(request_id)
        except RequestFinished as error:
            return await _page(pages, request, caller, await _found(pages, request_id), error=error)
        return pages.console.back(f"{REQUESTS.path}/{request_id}", "answer_erased")

    @router.post("/refuse-deletion")
    async def refuse_deletion(request: Request, caller: Requester, request_id: str) -> Response:
        found, filled = await _found(pages, request_id), Filled(await request.form())
        because = filled.whole("because").strip()
        if not (0 < len(because) <= MOST_REASON and is_plain(because)):
            filled.miss("because", "wrong_because")
            return await _page(pages, request, caller, found, filled=filled)
        try:
            await pages.refuse_deletion(request_id, because)
        except (NoWish, RequestFinished) as error:
            return await _page(pages, request, caller, found, filled=filled, error=error)
        return pages.console.back(f"{REQUESTS.path}/{request_id}", "deletion_refused")

    return router


async def _page(
    pages: VerifierPages,
    request: Request,
    caller: Caller,
    found: Asking,
    *,
    tag: str = "",
    filled: Filled | None = None,
    error: VerifierError | None = None,
) -> Response:
    words, language = pages.console.words(request), pages.console.language(request)
    stated = found.stated
    wish = await pages.wishes.find(stated.id)
    url = f"{pages.base_url}/r/{stated.id}"
    judged = found if isinstance(found, Judged) else None
    return pages.show(
        request,
        "request",
        caller,
        filled=filled,
        error=error,
        deletion=None if wish is None else show_wish(wish),
        scripts=("copy.js", "live.js"),
        stated=stated,
        stands=standing(found),
        final=isinstance(found, FINAL),
        tag=tag,
        asked=pages.requirements.told(stated.requirement, language),
        by=await _by(pages, found, words),
        url=url,
        qr=qr_svg(url),
        open=isinstance(found, (Created, Asked)),
        renewed_by=found.renewed_by if isinstance(found, (Declined, Expired)) else None,
        declined_because=found.because if isinstance(found, Declined) else None,
        judged=judged,
        verdict=None if judged is None else verdict_in_words(judged, words, language),
    )


async def _found(pages: VerifierPages, request_id: str) -> Asking:
    found = await pages.requests.find(request_id)
    if found is None:
        raise RequestUnknown("no request has this id")
    return found


async def _by(pages: VerifierPages, request: Asking, words: Mapping[str, str]) -> str:
    stated = request.stated
    if stated.made_by is not None:
        return await pages.actors.name(stated.made_by, words)
    return words["by_learner"] if stated.renews else words["by_unknown"]


def standing(request: Asking) -> str:
    """One of STANDINGS."""
    return request.verdict.result.value if isinstance(request, Judged) else state_name(request)


def _how_far(wish: Wish | None) -> str:
    return "" if wish is None else f"{type(wish.answer).__name__}{wish.told_at is not None}"


def _sought(stands: str, template: str) -> Sought:
    """What the filter chooses; what it does not know chooses nothing."""
    chosen = stands if stands in STANDINGS else ""
    results = {each.value: each for each in Result}
    return Sought(
        state=next((each for each in STATES.values() if each == chosen), None),
        result=results.get(chosen),
        template_id=template or None,
    )
