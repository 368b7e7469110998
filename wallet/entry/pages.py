"""Thin pages: what this is, and what to do with a link that was opened in a browser."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.web.pages import Pages


def pages_router(pages: Pages) -> APIRouter:
    """Pages need no key: they show nothing of anybody."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    async def home(request: Request) -> HTMLResponse:
        """Say what this is."""
        return pages.show(request, "home.html")

    @router.get("/i", response_class=HTMLResponse)
    async def invitation(request: Request) -> HTMLResponse:
        """Opening a link changes nothing."""
        return pages.show(request, "invitation.html")

    return router
