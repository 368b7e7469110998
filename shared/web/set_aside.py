"""Envelopes given up: how many, which, why, and back with them once the cause is gone."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from shared.ports.api_keys import ADMIN
from shared.ports.audit import done_to
from shared.ports.set_aside import EnvelopesSetAside, SetAside
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError

LARGEST_SEQUENCE = 2**53


class EnvelopeSetAside(BaseModel):
    """An envelope that could not be handled (`in`) or delivered (`out`); never what is in it.

    `party` is the wallet's id or `base` for one that came in, the destination for one that was to go out.
    """

    sequence: int
    direction: Literal["in", "out"]
    party: str
    reason: str
    at: datetime
    size: int


class EnvelopesPage(Page[EnvelopeSetAside]):
    """One page; `count` is how many there are on all pages."""

    count: int


def set_aside_router(envelopes: EnvelopesSetAside) -> APIRouter:
    """`GET /v1/didcomm/poison` and `POST /v1/didcomm/poison/{sequence}/replay`, for the scope admin."""
    router = APIRouter(
        prefix="/v1/didcomm/poison", tags=["operation"], dependencies=[Depends(require_scope(ADMIN))]
    )

    @router.get("")
    async def look(asked: PageQuery) -> EnvelopesPage:
        """Envelopes given up in the last 30 days, oldest first, with the reason."""
        found = await envelopes.after(_number(asked.after), limit=asked.limit + 1)
        page = page_of(found, asked, key=lambda one: str(one.sequence), show=_shown)
        return EnvelopesPage(items=page.items, next=page.next, count=await envelopes.count())

    @router.post("/{sequence}/replay", status_code=202, response_class=Response)
    async def replay(sequence: Annotated[int, Path(ge=1, le=LARGEST_SEQUENCE)]) -> Response:
        """Handle or deliver it as if it had just come; if it fails again it is back under another number."""
        done_to(f"poison:{sequence}")
        if not await envelopes.replay(sequence):
            raise ProblemError(404, "No envelope has this number: take one from GET /v1/didcomm/poison.")
        return Response(status_code=202)

    return router


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or int(after) > LARGEST_SEQUENCE:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.")
    return int(after)


def _shown(one: SetAside) -> EnvelopeSetAside:
    return EnvelopeSetAside(
        sequence=one.sequence,
        direction=one.direction,
        party=one.party,
        reason=one.reason,
        at=one.at,
        size=one.size,
    )
