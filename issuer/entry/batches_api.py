"""The officer's API: a spreadsheet's rows, kept until they are right, approved and awards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import IO, Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from issuer.domain.batch import Batch as DomainBatch
from issuer.domain.batch import Draft as DraftState
from issuer.domain.batch import Prepared as PreparedState
from issuer.domain.batch import Preparing, RowState, SameRow, Waiting
from issuer.entry.acting import Acting, acting
from issuer.entry.api import READ, WRITE
from issuer.entry.cursor import id_after
from issuer.entry.shapes import BatchShape, ComplaintShape, DryRunShape, Reason
from issuer.use_cases.change_row import Change, ChangeRow, LeaveOut, Mend, TakeIn
from issuer.use_cases.check_batch import CheckBatch
from issuer.use_cases.decide_batch import Approve, Ask, DecideBatch, SendBack
from issuer.use_cases.discard_batch import DiscardBatch
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up_batch import BatchSeen, LookUpBatch, RowSeen
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemError

APPROVE: Final = "batches:approve"
"""For the second person, where an organisation asks for one."""
Reader = Annotated[Acting, Depends(acting(READ))]
Writer = Annotated[Acting, Depends(acting(WRITE))]
Approver = Annotated[Acting, Depends(acting(APPROVE))]
RowNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="as the spreadsheet counts, the header is 1")]
_MEDIA_TYPES: Final = frozenset({"text/csv", "application/csv", "text/plain", "application/octet-stream"})
_IN_MEMORY: Final = 1024 * 1024
"""A file that is larger is put on the disk while it is read."""
Cell = Annotated[str, StringConstraints(max_length=10_000)]


class DraftShape(BaseModel):
    """A batch and where it stands.

    `row_states` counts rows that are kept: `good`, `faulty`, `duplicate`, `left_out`, `awarded`; `states` counts its awards.
    `asked_at` is filled while it waits or is prepared; approving names it, so that what was seen is what is approved.
    """

    id: UUID
    template_id: UUID
    edition_id: str
    file_name: str
    state: str
    rows: int
    awards: int
    encoding: str
    separator: str
    row_states: dict[RowState, int]
    states: dict[str, int]
    uploaded_by: str | None
    created_at: datetime
    asked_by: str | None
    asked_at: datetime | None
    approved_by: str | None
    sent_back: str | None = Field(description="why it was not approved")
    complaints: list[ComplaintShape] = Field(description="of an import in one call; else rows have their own")

    @classmethod
    def of(cls, seen: BatchSeen) -> Self:
        """Show it."""
        batch = seen.batch
        asked = batch.state if isinstance(batch.state, Waiting | Preparing | PreparedState) else None
        return cls(
            id=batch.id,
            template_id=batch.template_id,
            edition_id=batch.edition_id,
            file_name=batch.file_name,
            state=batch.state_name,
            rows=batch.rows,
            awards=seen.rows.get(RowState.AWARDED) or batch.awards,
            encoding=batch.encoding,
            separator=batch.separator,
            row_states=dict(seen.rows),
            states=dict(seen.awards),
            uploaded_by=batch.uploaded_by or None,
            created_at=batch.created_at,
            asked_by=(asked.asked_by if asked else None) or None,
            asked_at=batch.state.asked_at if isinstance(batch.state, Waiting | Preparing) else None,
            approved_by=(_approver(batch)) or None,
            sent_back=(batch.state.sent_back if isinstance(batch.state, DraftState) else None) or None,
            complaints=ComplaintShape.all_of(batch.complaints),
        )


class ListedBatch(BaseModel):
    """A batch of the list."""

    id: UUID
    template_id: UUID
    file_name: str
    state: str
    rows: int
    created_at: datetime

    @classmethod
    def of(cls, batch: DomainBatch) -> Self:
        """Show it."""
        return cls(
            id=batch.id,
            template_id=batch.template_id,
            file_name=batch.file_name,
            state=batch.state_name,
            rows=batch.rows,
            created_at=batch.created_at,
        )


class DuplicateOf(BaseModel):
    """Whom a row repeats: an earlier row of the file, or an award of an earlier batch; both null if that is gone."""

    row: int | None = None
    award_id: UUID | None = None
    batch_id: UUID | None = None
    awarded_at: datetime | None = None


class RowShape(BaseModel):
    """A row as it was found or mended."""

    row: int
    state: RowState
    cells: dict[str, str]
    complaints: list[ComplaintShape]
    duplicate_of: DuplicateOf | None
    award_id: UUID | None

    @classmethod
    def of(cls, seen: RowSeen) -> Self:
        """Show it."""
        kept, earlier = seen.row, seen.earlier
        same = None
        if isinstance(kept.same, SameRow):
            same = DuplicateOf(row=kept.same.row)
        elif kept.same is not None:
            same = DuplicateOf(
                award_id=earlier.award_id if earlier else None,
                batch_id=earlier.batch_id if earlier else None,
                awarded_at=earlier.at if earlier else None,
            )
        return cls(
            row=kept.row,
            state=kept.state,
            cells=dict(kept.cells),
            complaints=ComplaintShape.all_of(kept.complaints),
            duplicate_of=same,
            award_id=kept.award_id,
        )


class MendRow(BaseModel):
    """The cells to be put in place of what was there, by column; the others stay."""

    model_config = ConfigDict(extra="forbid")

    given_name: Cell | None = None
    family_name: Cell | None = Field(default=None, description='"-" for a person with one name')
    email: Cell | None = None
    phone: Cell | None = None
    language: Cell | None = None
    awarded_on: Cell | None = Field(default=None, description="YYYY-MM-DD")
    grade_pct: Cell | None = None
    grade: Cell | None = None


class ApproveBatch(BaseModel):
    """What was looked at: `asked_at` of the batch."""

    model_config = ConfigDict(extra="forbid")

    asked_at: AwareDatetime


class SendBackBatch(ApproveBatch):
    """And why it is not approved."""

    reason: Reason


@dataclass(frozen=True)
class Batches:
    """What can be done with batches."""

    import_batch: ImportBatch
    check: CheckBatch
    look_up: LookUpBatch
    change_row: ChangeRow
    decide: DecideBatch
    discard: DiscardBatch


def batches_router(batches: Batches) -> APIRouter:
    """Routes under /v1."""
    router = APIRouter(prefix="/v1", tags=["batches"])
    _upload_routes(router, batches)
    _row_routes(router, batches)
    _decision_routes(router, batches)
    return router


def _upload_routes(router: APIRouter, batches: Batches) -> None:
    csv_body = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}

    @router.post(
        "/batches",
        status_code=201,
        responses={200: {"model": DryRunShape, "description": "What a dry run found"}},
        openapi_extra=csv_body,
    )
    async def import_batch(  # noqa: PLR0917 - FastAPI passes them by name
        request: Request,
        response: Response,
        by: Writer,
        template: Annotated[UUID, Query(description="a published template")],
        dry_run: Annotated[bool, Query(description="check only")] = False,
        accept_good_rows: Annotated[
            bool, Query(description="go ahead although other rows have faults")
        ] = False,
        codes: Annotated[bool, Query(description="protect each claim link by a one-time code")] = False,
    ) -> BatchShape | DryRunShape:
        """Turn a CSV file into awards in one call; every fault is named by row and column."""
        _must_be_csv(request)
        done = await batches.import_batch(
            by.organisation,
            template,
            await request.body(),
            dry_run=dry_run,
            accept_good_rows=accept_good_rows,
            codes=codes,
            by=by.caller.who,
        )
        if done.batch is None:
            response.status_code = HTTPStatus.OK
            return DryRunShape(
                would_award=len(done.sheet.graduates),
                encoding=done.sheet.encoding,
                separator=done.sheet.separator,
                complaints=ComplaintShape.all_of(done.sheet.complaints),
            )
        return BatchShape.of(done.batch, {"prepared": done.batch.awards}, done.codes)

    @router.post("/batches/check", status_code=201, openapi_extra=csv_body)
    async def check(
        request: Request,
        by: Writer,
        template: Annotated[UUID, Query(description="a published template")],
        file_name: Annotated[str, Query(description="to find it again by")] = "",
    ) -> DraftShape:
        """Check a CSV file and keep its rows: nothing is awarded before somebody asks for it."""
        _must_be_csv(request)
        async with _received(request) as file:
            batch = await batches.check(by.organisation, template, file, name=file_name, by=by.caller.who)
        return DraftShape.of(await batches.look_up.one(by.organisation, batch.id))

    @router.get("/batches")
    async def listed(asked: PageQuery, by: Reader) -> Page[ListedBatch]:
        """All batches, the newest first."""
        found = await batches.look_up.batches(
            by.organisation, before=id_after(asked.after), limit=asked.limit + 1
        )
        return page_of(found, asked, key=lambda batch: str(batch.id), show=ListedBatch.of)

    @router.get("/batches/{batch_id}")
    async def batch(batch_id: UUID, by: Reader) -> DraftShape:
        """A batch: how many of its rows and of its awards are in each state."""
        return DraftShape.of(await batches.look_up.one(by.organisation, batch_id))

    @router.delete("/batches/{batch_id}", status_code=204)
    async def discard(batch_id: UUID, by: Writer) -> None:
        """Throw away a draft of which nothing was awarded."""
        await batches.discard(by.organisation, batch_id)


def _row_routes(router: APIRouter, batches: Batches) -> None:
    @router.get("/batches/{batch_id}/rows")
    async def rows(
        batch_id: UUID,
        by: Reader,
        state: Annotated[list[RowState] | None, Query(description="all if left out")] = None,
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`row` to go on behind")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[RowShape]:
        """The rows kept, in the order of the file, with what is wrong and what to do."""
        found = await batches.look_up.rows(
            by.organisation, batch_id, states=state or list(RowState), after=after, limit=limit
        )
        return [RowShape.of(each) for each in found]

    @router.get("/batches/{batch_id}/rows/{row}")
    async def one(batch_id: UUID, row: RowNumber, by: Reader) -> RowShape:
        """One row."""
        return await shown(by, batch_id, row)

    @router.put("/batches/{batch_id}/rows/{row}")
    async def mend(batch_id: UUID, row: RowNumber, cells: MendRow, by: Writer) -> RowShape:
        """Mend a row; it is checked again at once."""
        return await change(by, batch_id, row, Mend(cells.model_dump(exclude_none=True)))

    @router.post("/batches/{batch_id}/rows/{row}/leave-out")
    async def leave_out(batch_id: UUID, row: RowNumber, by: Writer) -> RowShape:
        """Award nothing for this row."""
        return await change(by, batch_id, row, LeaveOut())

    @router.post("/batches/{batch_id}/rows/{row}/take-in")
    async def take_in(batch_id: UUID, row: RowNumber, by: Writer) -> RowShape:
        """Award a duplicate all the same, or a row that was left out."""
        return await change(by, batch_id, row, TakeIn())

    async def change(by: Acting, batch_id: UUID, row: int, what: Change) -> RowShape:
        await batches.change_row(by.organisation, batch_id, row, what)
        return await shown(by, batch_id, row)

    async def shown(by: Acting, batch_id: UUID, row: int) -> RowShape:
        _, found = await batches.look_up.row(by.organisation, batch_id, row)
        return RowShape.of(found)


def _decision_routes(router: APIRouter, batches: Batches) -> None:
    @router.post("/batches/{batch_id}/prepare", status_code=202)
    async def prepare(batch_id: UUID, by: Writer) -> DraftShape:
        """Have the good rows become awards, in the background; it waits where a second person has to approve."""
        return await decided(by, batch_id, Ask())

    @router.post("/batches/{batch_id}/approve", status_code=202)
    async def approve(batch_id: UUID, asked: ApproveBatch, by: Approver) -> DraftShape:
        """Approve as the second person."""
        return await decided(by, batch_id, Approve(asked.asked_at))

    @router.post("/batches/{batch_id}/send-back")
    async def send_back(batch_id: UUID, asked: SendBackBatch, by: Reader) -> DraftShape:
        """Do not approve it, or withdraw it: its rows can be changed again."""
        if not (by.caller.may(APPROVE) or by.caller.may(WRITE)):
            raise ProblemError(403, f"Expected the scope {APPROVE!r} or {WRITE!r}: ask for one of them.")
        return await decided(by, batch_id, SendBack(asked.asked_at, asked.reason))

    async def decided(by: Acting, batch_id: UUID, decision: Ask | Approve | SendBack) -> DraftShape:
        await batches.decide(by.organisation, batch_id, decision, by=by.caller.who)
        return DraftShape.of(await batches.look_up.one(by.organisation, batch_id))


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[IO[bytes]]:
    """The body as a file, on the disk if it is large."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        async for piece in request.stream():
            file.write(piece)
        yield file


def _must_be_csv(request: Request) -> None:
    media_type = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise ProblemError(415, f"Expected a body of type text/csv, found {media_type[:80]}.")


def _approver(batch: DomainBatch) -> str:
    return batch.state.approved_by if isinstance(batch.state, Preparing | PreparedState) else ""
