"""Suspending an award and taking that back on its page in the console."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response

from issuer.entry.acting import Acting
from issuer.entry.areas import AWARDS
from issuer.entry.awards_api import Writer
from issuer.entry.awards_pages import AwardPages, text_in
from issuer.errors import AwardChanged, AwardRefusesAction
from shared.web.forms import Filled


def suspension_pages(pages: AwardPages) -> APIRouter:
    """Two forms of the page of an award."""
    router = APIRouter(prefix=f"{AWARDS.path}/{{award_id}}", include_in_schema=False)

    @router.post("/suspend")
    async def suspend(request: Request, by: Writer, award_id: UUID) -> Response:
        filled = Filled(await request.form())
        reason = text_in(filled, "suspend_reason", "wrong_award_reason")
        change = partial(pages.uses.suspend, by.organisation, award_id, reason)
        return await done(request, by, award_id, filled, change) or said(award_id, "suspension_begun")

    @router.post("/reinstate")
    async def reinstate(request: Request, by: Writer, award_id: UUID) -> Response:
        filled = Filled(await request.form())
        reason = text_in(filled, "reinstate_reason", "wrong_award_reason")
        change = partial(pages.uses.reinstate, by.organisation, award_id, reason)
        return await done(request, by, award_id, filled, change) or said(award_id, "suspension_ended")

    async def done(
        request: Request, by: Acting, award_id: UUID, filled: Filled, change: Callable[[], Awaitable[object]]
    ) -> Response | None:
        """Change it; returns the page with what was refused, if anything was."""
        if not filled.is_sound:
            return await pages.page(request, by, award_id, filled=filled)
        try:
            await change()
        except (AwardRefusesAction, AwardChanged) as error:
            return await pages.page(request, by, award_id, filled=filled, error=error)
        return None

    def said(award_id: UUID, name: str) -> Response:
        return pages.console.back(f"{AWARDS.path}/{award_id}", name)

    return router
