"""Her history: what was received, shown and declined, and the wish that what was shown be deleted."""

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from shared.vc.achievement import Edition
from wallet.domain.credential import EditionFound
from wallet.domain.history import Entry, Kind
from wallet.domain.part import Part, part_of
from wallet.domain.proof_request import issuer_of
from wallet.entry.browser import InVisit, Visit
from wallet.entry.frame import Frame
from wallet.entry.past_view import past_page, past_row, programmes_shown
from wallet.errors import NothingShared, PlaceUnknown, VerifierOutOfReach
from wallet.use_cases.find_edition import find_edition
from wallet.use_cases.please_delete import please_delete, read_deletions
from wallet.use_cases.settle_exchanges import settle_exchanges
from wallet.use_cases.write_history import read_entry, read_history

ROWS: Final = 20


def past_router(frame: Frame) -> APIRouter:
    """Pages of history."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.get("/history")
    async def history(request: Request, visit: InVisit, after: str | None = None, only: str = "") -> Response:
        """List what happened, the newest first; or only what she showed."""
        desk, shared_only = visit.doors.desk, only == Kind.SHARED
        await settle_exchanges(visit.wallet, desk=desk)
        every = await read_history(visit.wallet)
        wanted = [one for one in every if one.kind is Kind.SHARED or not shared_only]
        try:
            found = part_of(wanted, Part(after, ROWS + 1), key=lambda one: one.id)
        except PlaceUnknown:
            return frame.back("/history")
        snapshots, language = desk.trust.snapshots(), frame.language(request)
        older = {"only": Kind.SHARED.value} if shared_only else {}
        return frame.show(
            request,
            "sharing_history.html",
            visit,
            rows=[past_row(one, snapshots, language) for one in found[:ROWS]],
            shared_only=shared_only,
            older=urlencode(older | {"after": found[ROWS - 1].id}) if found[ROWS:] else None,
            later=after is not None,
        )

    @router.get("/history/{entry_id}")
    async def entry_page(request: Request, entry_id: str, visit: InVisit) -> Response:
        """Say exactly what was shown to whom, or what else happened."""
        desk = visit.doors.desk
        await read_history(visit.wallet)  # what was told since is added to the entry
        entry = await read_entry(visit.wallet.store, entry_id)
        page = past_page(
            entry,
            desk.trust.snapshots(),
            frame.language(request),
            now=desk.clock(),
            held=[one.id for one in await visit.wallet.store.credentials()],
            editions=await _programmes(visit, entry),
            deletion=(await read_deletions(visit.wallet, [entry])).get(entry.id),
        )
        return frame.show(request, "sharing_entry.html", visit, past=page)

    @router.post("/history/{entry_id}/please-delete")
    async def wish(request: Request, entry_id: str, visit: InVisit) -> Response:
        """Ask whoever saw it to delete it."""
        language, here = frame.language(request), f"/history/{entry_id}"
        try:
            await please_delete(visit.wallet, entry_id, language=language, desk=visit.doors.desk)
        except (NothingShared, VerifierOutOfReach):
            return frame.back(here, "wrong_sharing_wish")
        return frame.back(here, "said_sharing_wish")

    return router


async def _programmes(visit: Visit, entry: Entry) -> dict[str, Edition]:
    """The programmes an entry showed: her own copies, else as their issuers publish them."""
    store, facts = visit.wallet.store, visit.doors.desk.facts
    ids = programmes_shown(entry)
    found = [await find_edition(store, facts, {"achievement_id": one}, issuer_of(one)) for one in ids]
    return {one.id: one.edition for one in found if isinstance(one, EditionFound)}
