"""The issuer's own pages in the console: so far an organisation's record of deeds."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from issuer.entry.acting import Acting, acting
from issuer.entry.areas import RECORD
from shared.ports.audit import SERVICE, AuditEntry, AuditLog
from shared.web.actors import Actors
from shared.web.console import Console
from shared.web.pagination import PageQuery, page_of

RecordReader = Annotated[Acting, Depends(acting(RECORD.scope))]


@dataclass(frozen=True, kw_only=True)
class IssuerPages:
    """What the pages show."""

    audit: AuditLog
    actors: Actors
    console: Console


def console_pages(pages: IssuerPages) -> APIRouter:
    """Pages under /console."""
    router = APIRouter(include_in_schema=False)

    @router.get(RECORD.path)
    async def record(request: Request, by: RecordReader, asked: PageQuery) -> Response:
        """Who did what, oldest first, as the API tells it."""
        rows = await pages.audit.entries(
            after=asked.after, limit=asked.limit + 1, organisation=by.organisation
        )
        found = page_of(rows, asked, key=lambda row: row.id, show=lambda row: row)
        names = {row.who: await who(request, row, by) for row in found.items}
        return pages.console.show(
            request,
            "console/record.html",
            by.caller,
            entries=found.items,
            names=names,
            following=found.next,
        )

    async def who(request: Request, entry: AuditEntry, by: Acting) -> str:
        words = pages.console.words(request)
        if entry.who in {None, SERVICE}:
            return words["record_service" if entry.who else "record_anybody"]
        return await pages.actors.name(entry.who or "", words, by.organisation)

    return router
