"""Thin pages: what this is, and what to do with a link that was opened in a browser."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.web.languages import language_for
from shared.web.pages import Pages
from wallet.entry.words import WORDS


def pages_router(pages: Pages, *, base_url: str) -> APIRouter:
    """Pages need no key: they show nothing of anybody."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    pages = pages.speaking(WORDS)

    @router.get("/", response_class=HTMLResponse)
    async def home(request: Request) -> HTMLResponse:
        """Say what this is."""
        return pages.show(request, "home.html", lang=language_for(request))

    @router.get("/i", response_class=HTMLResponse)
    async def invitation(request: Request, oob: str = "") -> HTMLResponse:
        """Opening a link changes nothing."""
        return pages.show(
            request,
            "invitation.html",
            status=HTTPStatus.OK if oob else HTTPStatus.NOT_FOUND,
            lang=language_for(request),
            link=f"{base_url}/i?oob={oob}" if oob else None,
        )

    return router
