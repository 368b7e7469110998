"""Suspending an award and taking that back on its page in the console."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from issuer.entry.acting import Acting
from issuer.entry.areas import AWARDS
from issuer.entry.awards_api import Writer
from issuer.entry.awards_pages import AwardPages, text_in
from issuer.errors import AwardChanged, AwardRefusesAction
from issuer.use_cases.change_status import ChangeStatus
from shared.web.forms import Filled


def suspension_pages(pages: AwardPages) -> APIRouter:
    """Two forms of the page of an award."""
    router = APIRouter(prefix=f"{AWARDS.path}/{{award_id}}", include_in_schema=False)

    @router.post("/suspend")
    async def suspend(request: Request, by: Writer, award_id: UUID) -> Response:
        return await done(request, by, award_id, pages.uses.suspend, "suspend_reason", "suspension_begun")

    @router.post("/reinstate")
    async def reinstate(request: Request, by: Writer, award_id: UUID) -> Response:
        return await done(request, by, award_id, pages.uses.reinstate, "reinstate_reason", "suspension_ended")

    async def done(
        request: Request, by: Acting, award_id: UUID, use: ChangeStatus, field: str, said: str
    ) -> Response:
        filled = Filled(await request.form())
        reason = text_in(filled, field, "wrong_award_reason")
        if not filled.is_sound:
            return await pages.page(request, by, award_id, filled=filled)
        try:
            await use(by.organisation, award_id, reason)
        except (AwardRefusesAction, AwardChanged) as error:
            return await pages.page(request, by, award_id, filled=filled, error=error)
        return pages.console.back(f"{AWARDS.path}/{award_id}", said)

    return router
