"""What anybody may read: the signed lists, every past one, and pages for people."""

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.trust_registry.domain.issuing import Issue, Scheme
from services.trust_registry.entry.application_words import WORDS as APPLICATION_WORDS
from services.trust_registry.entry.applications_api import ApplicationUseCases
from services.trust_registry.entry.apply_pages import apply_pages
from services.trust_registry.entry.lists_api import public_lists_router
from services.trust_registry.entry.public_pages import PublicPages, public_pages
from services.trust_registry.entry.public_words import WORDS
from services.trust_registry.entry.reading import KEPT, ReadLists
from services.trust_registry.errors import ListUnknown
from services.trust_registry.ports import KeepRegister, SignLists
from shared.ports.clock import Clock
from shared.vc.trust_list_form import LIST_MEDIA_TYPE
from shared.web.pages import Pages
from shared.web.public_files import public_file

PACKED = 6
"""How hard gzip tries; more takes much longer and gains little."""
NEWEST, FOR_EVER = "public, max-age=15", "public, max-age=31536000, immutable"


def public_router(
    scheme: Scheme,
    register: KeepRegister,
    signer: SignLists,
    pages: Pages,
    *,
    url: str,
    clock: Clock,
    applying: ApplicationUseCases,
) -> APIRouter:
    """Lists and pages."""
    router = APIRouter(tags=["public files"])
    read, served = ReadLists(name=scheme.name, register=register, clock=clock), _Serving()

    @router.get("/lists/{name}", response_class=Response)
    async def newest_list(request: Request, name: str) -> Response:
        """The newest list as compact JWS (ETSI TS 119 602)."""
        return await served(request, await _issue(name), NEWEST)

    @router.get("/lists/{name}/{number}", response_class=Response)
    async def numbered_list(request: Request, name: str, number: int) -> Response:
        """Any list ever issued, by its number."""
        return await served(request, await _issue(name, number), FOR_EVER)

    async def _issue(name: str, number: int | None = None) -> Issue:
        issue = await register.issue(number) if name == scheme.name and 0 < (number or 1) < 2**31 else None
        if issue is None:
            raise ListUnknown(
                f"there is no list {name[:80]!r}" + (f" number {number} here" if number else " here")
            )
        return issue

    router.include_router(public_lists_router(scheme, register, read))
    shown = PublicPages(
        scheme=scheme,
        read=read,
        signer=signer,
        pages=pages.speaking(WORDS).speaking(APPLICATION_WORDS).dressed("console.css"),
        url=url,
        clock=clock,
    )
    router.include_router(public_pages(shown))
    router.include_router(apply_pages(shown, applying))
    return router


@dataclass(frozen=True)
class _Serving:
    """Answers with a list, packed for whoever takes that; the last few stay packed, since a long one takes a moment."""

    packed: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    async def __call__(self, request: Request, issue: Issue, caching: str) -> Response:
        """The list, or 304."""
        answer = public_file(
            request, issue.compact, media_type=LIST_MEDIA_TYPE, caching=caching, etag=issue.digest
        )
        answer.headers["Vary"] = "Accept-Encoding"
        if answer.status_code != HTTPStatus.OK or not _takes_gzip(request):
            return answer
        body = self.packed.get(issue.digest)
        if body is None:
            body = await asyncio.to_thread(gzip.compress, issue.compact.encode(), PACKED)
            self.packed[issue.digest] = body
        self.packed.move_to_end(issue.digest)
        while len(self.packed) > KEPT:
            self.packed.popitem(last=False)
        answer.body = body
        answer.headers["Content-Length"] = str(len(body))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["ETag"] = f'W/"{issue.digest}"'  # the same list, in other bytes
        return answer


def _takes_gzip(request: Request) -> bool:
    for each in request.headers.get("accept-encoding", "").split(","):
        coding, _, weight = each.strip().partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
