"""What anybody may read: the signed lists, every past one, and pages for people."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.trust_registry.domain.issuing import Issue, Scheme
from services.trust_registry.entry.public_pages import PublicPages, public_pages
from services.trust_registry.entry.public_words import WORDS
from services.trust_registry.entry.reading import ReadLists
from services.trust_registry.errors import ListUnknown
from services.trust_registry.ports import KeepRegister, SignLists
from shared.ports.clock import Clock
from shared.vc.trust_list_form import LIST_MEDIA_TYPE
from shared.web.pages import Pages
from shared.web.public_files import public_file

NEWEST, FOR_EVER = "public, max-age=15", "public, max-age=31536000, immutable"


def public_router(
    scheme: Scheme,
    register: KeepRegister,
    signer: SignLists,
    pages: Pages,
    *,
    url: str,
    clock: Clock,
) -> APIRouter:
    """Lists and pages."""
    router = APIRouter(tags=["public files"])

    @router.get("/lists/{name}", response_class=Response)
    async def newest_list(request: Request, name: str) -> Response:
        """The newest list as compact JWS (ETSI TS 119 602)."""
        return _list(request, await _issue(name), NEWEST)

    @router.get("/lists/{name}/{number}", response_class=Response)
    async def numbered_list(request: Request, name: str, number: int) -> Response:
        """Any list ever issued, by its number."""
        return _list(request, await _issue(name, number), FOR_EVER)

    async def _issue(name: str, number: int | None = None) -> Issue:
        issue = await register.issue(number) if name == scheme.name and 0 < (number or 1) < 2**31 else None
        if issue is None:
            raise ListUnknown(
                f"there is no list {name[:80]!r}" + (f" number {number} here" if number else " here")
            )
        return issue

    router.include_router(
        public_pages(
            PublicPages(
                scheme=scheme,
                read=ReadLists(name=scheme.name, register=register, clock=clock),
                signer=signer,
                pages=pages.speaking(WORDS).dressed("console.css"),
                url=url,
                clock=clock,
            )
        )
    )
    return router


def _list(request: Request, issue: Issue, caching: str) -> Response:
    return public_file(request, issue.compact, media_type=LIST_MEDIA_TYPE, caching=caching, etag=issue.digest)
