"""Thin pages: what this is, and what to do with a link that was opened in a browser."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.web.pages import Pages

PAGES = Pages(Path(__file__).with_name("templates"), product="Ujuzi wallet")
pages = APIRouter(include_in_schema=False)


@pages.get("/", response_class=HTMLResponse)
async def home(request: Request) -> HTMLResponse:
    """Say what this is."""
    return PAGES.show(request, "home.html")


@pages.get("/i", response_class=HTMLResponse)
async def invitation(request: Request) -> HTMLResponse:
    """Opening a link changes nothing."""
    return PAGES.show(request, "invitation.html")
