"""Messages given up: how many, which, why, and back with them once the cause is gone."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from shared.ports.api_keys import ADMIN
from shared.ports.audit import done_to
from shared.ports.set_aside import MessagesSetAside, SetAside
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


def set_aside_router(envelopes: MessagesSetAside, *, scope: str = ADMIN) -> APIRouter:
    """`GET /v1/didcomm/poison` and `POST /v1/didcomm/poison/{sequence}/replay`, for the scope admin."""
    router = APIRouter(
        prefix="/v1/didcomm/poison", tags=["operation"], dependencies=[Depends(require_scope(scope))]
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


class WorkSetAside(BaseModel):
    """Work or an event of the service's own that could not be handled; `subject` says of which kind it is."""

    sequence: int
    subject: str
    reason: str
    at: datetime
    size: int


class WorkPage(Page[WorkSetAside]):
    """One page; `count` is how many there are on all pages."""

    count: int


def work_set_aside_router(work: MessagesSetAside, *, scope: str = ADMIN) -> APIRouter:
    """`GET /v1/work/poison` and `POST /v1/work/poison/{sequence}/replay`, for the scope admin."""
    router = APIRouter(
        prefix="/v1/work/poison", tags=["operation"], dependencies=[Depends(require_scope(scope))]
    )

    @router.get("")
    async def look_at_work(asked: PageQuery) -> WorkPage:
        """Work and events of this service given up in the last 30 days, oldest first, with the reason."""
        found = await work.after(_number(asked.after), limit=asked.limit + 1)
        page = page_of(found, asked, key=lambda one: str(one.sequence), show=_work_shown)
        return WorkPage(items=page.items, next=page.next, count=await work.count())

    @router.post("/{sequence}/replay", status_code=202, response_class=Response)
    async def replay_work(sequence: Annotated[int, Path(ge=1, le=LARGEST_SEQUENCE)]) -> Response:
        """Have it handled again; if it fails again it is back under another number."""
        done_to(f"work:{sequence}")
        if not await work.replay(sequence):
            raise ProblemError(404, "No work has this number: take one from GET /v1/work/poison.")
        return Response(status_code=202)

    return router


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or int(after) > LARGEST_SEQUENCE:
        raise ProblemError(400, "Expected `after` to be the `next` of an earlier page.")
    return int(after)


def _work_shown(one: SetAside) -> WorkSetAside:
    return WorkSetAside(sequence=one.sequence, subject=one.party, reason=one.reason, at=one.at, size=one.size)


def _shown(one: SetAside) -> EnvelopeSetAside:
    return EnvelopeSetAside(
        sequence=one.sequence,
        direction="in" if one.direction == "in" else "out",
        party=one.party,
        reason=one.reason,
        at=one.at,
        size=one.size,
    )
