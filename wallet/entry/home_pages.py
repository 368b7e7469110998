"""The first page of an open wallet: what waits for her, and what she holds."""

from fastapi import APIRouter, Request, Response

from wallet.entry.browser import InVisit
from wallet.entry.frame import Frame
from wallet.use_cases.count_inbox import count_inbox


def home_router(frame: Frame) -> APIRouter:
    """Pages that show what is in a wallet."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/home")
    async def home(request: Request, visit: InVisit) -> Response:
        """Say what waits."""
        counted = await count_inbox(visit.wallet, sealed=visit.doors.locks.sealed)
        return frame.show(request, "home_open.html", visit, counted=counted)

    return router
