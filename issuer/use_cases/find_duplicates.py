"""Mark the rows of a batch that speak of somebody who has an award of the programme, or stands in the file already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from issuer.domain.batch import Batch, CohortRow, EarlierAward, RowState, SameAward, SameRow
from issuer.domain.same_person import Keys, is_same
from issuer.ports import BatchRecords, BatchTransaction

_ROWS: Final = 4000
"""Rows that are compared with all earlier awards at once."""
_AWARDS: Final = 1000


@dataclass(frozen=True)
class FindDuplicates:
    """Reads first and writes then: nobody waits while rows are compared."""

    records: BatchRecords

    async def __call__(self, batch: Batch) -> int:
        """Compare all good rows with awards of earlier batches of the programme; returns how many are new duplicates."""
        found, after = 0, 0
        while True:
            async with self.records.reading() as tx:
                rows = await tx.rows(
                    batch.organisation, batch.id, states=[RowState.GOOD], after=after, limit=_ROWS
                )
            fresh = [row for row in rows if not row.all_the_same]
            marked = await self.compared(batch, fresh)
            changed = [row for row in marked if row.same is not None]
            if changed:
                async with self.records.transaction() as tx:
                    await tx.save_rows(changed)
            found += len(changed)
            if len(rows) < _ROWS:
                return found
            after = rows[-1].row

    async def compared(self, batch: Batch, rows: Sequence[CohortRow]) -> Sequence[CohortRow]:
        """Return these rows, each with the earlier award of the same person if there is one; stores nothing."""
        wanted: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            for key in _given(row.keys):
                wanted.setdefault(key, []).append(number)
        same: dict[int, EarlierAward] = {}
        after: UUID | None = None
        while wanted:
            async with self.records.reading() as tx:
                earlier = await _earlier(tx, batch, after)
            for award in earlier:
                for key in _given(award.keys):
                    for number in wanted.get(key, ()):
                        if is_same(rows[number].keys, award.keys):
                            same.setdefault(number, award)
            if len(earlier) < _AWARDS:
                break
            after = earlier[-1].award_id
        return [
            replace(row, same=SameAward(same[number].award_id)) if number in same else row
            for number, row in enumerate(rows)
        ]


def within_file(rows: Sequence[CohortRow], alike: Sequence[tuple[int, Keys]]) -> Sequence[CohortRow]:
    """Return these rows, each with the first row of the same person if that is another, out of them and of rows `alike`."""
    by_key: dict[str, list[tuple[int, Keys]]] = {}
    for number, keys in sorted([*alike, *((row.row, row.keys) for row in rows)], key=lambda pair: pair[0]):
        for key in _given(keys):
            firsts = by_key.setdefault(key, [])
            if not firsts or not any(is_same(keys, other) for _, other in firsts):
                firsts.append((number, keys))
    marked = []
    for row in rows:
        earlier = [
            number
            for key in _given(row.keys)
            for number, keys in by_key.get(key, ())
            if number < row.row and is_same(row.keys, keys)
        ]
        marked.append(replace(row, same=SameRow(min(earlier))) if earlier else row)
    return marked


async def _earlier(tx: BatchTransaction, batch: Batch, after: UUID | None) -> Sequence[EarlierAward]:
    template = await tx.template(batch.organisation, batch.template_id)
    if template is None:
        return []
    editions = await tx.editions(batch.organisation, template.programme)
    return await tx.earlier_awards(batch, [edition.id for edition in editions], after=after, limit=_AWARDS)


def _given(keys: Keys) -> list[str]:
    return [key for key in (keys.by_email, keys.by_phone, keys.by_day) if key is not None]
