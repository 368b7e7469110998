"""Mend a row of a batch, leave it out, or take it in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from issuer.domain.batch import Batch, CohortRow, RowState, check_change
from issuer.domain.same_person import keys_of
from issuer.domain.spreadsheet import Rule, check_cells
from issuer.errors import BatchCause, BatchRefusesAction, BatchUnknown, RowUnknown
from issuer.ports import BatchRecords, BatchTransaction
from issuer.use_cases.find_duplicates import FindDuplicates, within_file
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Mend:
    """Put these cells, by column, in place of what was there."""

    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Award nothing for this row."""


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Award it though it is a duplicate, or after all."""


type Change = Mend | LeaveOut | TakeIn


@dataclass(frozen=True)
class ChangeRow:
    """One row is checked again as the whole file was."""

    records: BatchRecords
    find_duplicates: FindDuplicates
    clock: Clock

    async def __call__(self, organisation: str, batch_id: UUID, row: int, change: Change) -> CohortRow:
        """Return the row as it is now. Raises BatchUnknown, RowUnknown or BatchRefusesAction."""
        async with self.records.reading() as tx:
            batch, kept = await _found(tx, organisation, batch_id, row)
            template = await tx.template(organisation, batch.template_id)
        check_change(batch, kept)
        if template is None:
            raise BatchUnknown(f"The programme of batch {batch_id} is gone.")
        rule = Rule(self.clock().date(), template.grading, template.language)
        changed = _changed(kept, change, rule)
        if changed.state is RowState.GOOD and not changed.all_the_same:
            (changed,) = await self.find_duplicates.compared(batch, [changed])
        async with self.records.transaction() as tx:
            held = await tx.hold_batch(organisation, batch_id)
            now = await tx.row(organisation, batch_id, row)
            if held is None or now != kept:
                raise BatchRefusesAction(
                    BatchCause.CHANGED, f"Row {row} was changed by somebody else just now. Look at it again."
                )
            check_change(held, kept)
            if changed.state is RowState.GOOD and not changed.all_the_same:
                alike = await tx.rows_alike(batch_id, [changed.keys])
                (changed,) = within_file([changed], [pair for pair in alike if pair[0] != row])
            await tx.save_rows([changed])
        return changed


def _changed(kept: CohortRow, change: Change, rule: Rule) -> CohortRow:
    match change:
        case Mend(cells):
            written = {**kept.cells, **cells}
            checked = check_cells(written, row=kept.row, rule=rule)
            return replace(
                kept,
                cells=written,
                complaints=checked.complaints,
                keys=keys_of(written),
                same=None,
                all_the_same=False,
                left_out=False,
            )
        case LeaveOut():
            return replace(kept, left_out=True)
        case TakeIn():
            is_duplicate = kept.state is RowState.DUPLICATE
            return replace(kept, left_out=False, all_the_same=kept.all_the_same or is_duplicate)


async def _found(
    tx: BatchTransaction, organisation: str, batch_id: UUID, row: int
) -> tuple[Batch, CohortRow]:
    batch = await tx.batch(organisation, batch_id)
    if batch is None:
        raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
    kept = await tx.row(organisation, batch_id, row)
    if kept is None:
        raise RowUnknown(f"Batch {batch_id} keeps no row {row}: GET /v1/batches/{batch_id}/rows lists all.")
    return batch, kept
