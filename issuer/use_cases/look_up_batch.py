"""What an officer looks at of a batch and the rows it keeps."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from issuer.domain.batch import Batch, CohortRow, RowState, SameAward
from issuer.errors import BatchUnknown, RowUnknown
from issuer.ports import BatchRecords, BatchTransaction


@dataclass(frozen=True, slots=True)
class BatchSeen:
    """A batch, how many of its rows and of its awards are in which state."""

    batch: Batch
    rows: Mapping[RowState, int]
    awards: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The award that a duplicate's person has already, of which batch and since when."""

    award_id: UUID
    batch_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row; `earlier` where it is a duplicate of an award that still is there."""

    row: CohortRow
    earlier: Earlier | None


@dataclass(frozen=True)
class LookUpBatch:
    """Reads only. Each raises BatchUnknown."""

    records: BatchRecords

    async def batches(self, organisation: str, *, before: UUID | None, limit: int) -> Sequence[Batch]:
        """The newest first."""
        async with self.records.reading() as tx:
            return await tx.batches(organisation, before=before, limit=limit)

    async def one(self, organisation: str, batch_id: UUID) -> BatchSeen:
        """With how far it has come."""
        async with self.records.reading() as tx:
            batch = await _batch(tx, organisation, batch_id)
            return BatchSeen(
                batch,
                await tx.count_rows(organisation, batch_id),
                await tx.count_states(organisation, batch_id),
            )

    async def rows(
        self, organisation: str, batch_id: UUID, *, states: Collection[RowState], after: int, limit: int
    ) -> Sequence[RowSeen]:
        """Rows in these states, in the order of the file."""
        async with self.records.reading() as tx:
            await _batch(tx, organisation, batch_id)
            rows = await tx.rows(organisation, batch_id, states=states, after=after, limit=limit)
            return [await _seen(tx, row) for row in rows]

    async def row(self, organisation: str, batch_id: UUID, row: int) -> tuple[Batch, RowSeen]:
        """One row. Raises RowUnknown too."""
        async with self.records.reading() as tx:
            batch = await _batch(tx, organisation, batch_id)
            kept = await tx.row(organisation, batch_id, row)
            if kept is None:
                raise RowUnknown(
                    f"Batch {batch_id} keeps no row {row}: GET /v1/batches/{batch_id}/rows lists all."
                )
            return batch, await _seen(tx, kept)


async def _batch(tx: BatchTransaction, organisation: str, batch_id: UUID) -> Batch:
    batch = await tx.batch(organisation, batch_id)
    if batch is None:
        raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
    return batch


async def _seen(tx: BatchTransaction, row: CohortRow) -> RowSeen:
    if not isinstance(row.same, SameAward):
        return RowSeen(row, None)
    award = await tx.award(row.organisation, row.same.award_id)
    return RowSeen(row, Earlier(award.id, award.batch_id, award.created_at) if award else None)
