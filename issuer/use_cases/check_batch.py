"""Check a spreadsheet and keep its rows: nobody is awarded anything yet."""

import asyncio
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Final
from uuid import UUID

from issuer.domain.batch import Batch, Checking, CohortRow, Draft
from issuer.domain.same_person import keys_of
from issuer.domain.spreadsheet import Rule, Table, check_file_name, check_row, open_table
from issuer.domain.template import for_new_awards
from issuer.errors import TemplateUnknown
from issuer.ports import BatchRecords, NewId
from issuer.use_cases.find_duplicates import FindDuplicates, within_file
from shared.ports.clock import Clock
from shared.ports.tracing import here

_AT_ONCE: Final = 500


@dataclass(frozen=True)
class CheckBatch:
    """The file is read piece by piece, so that a large one takes no more memory than a small one."""

    records: BatchRecords
    find_duplicates: FindDuplicates
    new_id: NewId
    clock: Clock

    async def __call__(
        self, organisation: str, template_id: UUID, file: IO[bytes], *, name: str, by: str
    ) -> Batch:
        """Return the draft. Raises TemplateUnknown, TemplateNotPublished, TemplateRetired or BatchRefused.

        It is refused for what concerns the file as a whole; faults of rows stand with the rows.
        """
        name = check_file_name(name)
        async with self.records.reading() as tx:
            template = await tx.template(organisation, template_id)
        if template is None:
            raise TemplateUnknown(f"There is no template {template_id}; GET /v1/templates lists all.")
        edition = for_new_awards(template)
        table = await asyncio.to_thread(open_table, file)
        now = self.clock()
        rule = Rule(now.date(), template.grading, template.language)
        batch = Batch(
            id=self.new_id(),
            organisation=organisation,
            template_id=template.id,
            edition_id=edition.edition_id,
            rows=0,
            awards=0,
            encoding=table.encoding,
            separator=table.separator,
            complaints=(),
            created_at=now,
            file_name=name,
            uploaded_by=by,
            trace=here(),
            state=Checking(),
        )
        async with self.records.transaction() as tx:
            await tx.save_batch(batch)
        try:
            kept = await self._keep_rows(batch, table, rule)
            await self.find_duplicates(batch)
        except BaseException:
            async with self.records.transaction() as tx:
                await tx.drop_batch(batch)
            raise
        draft = replace(batch, rows=kept, state=Draft())
        async with self.records.transaction() as tx:
            await tx.save_batch(draft)
        return draft

    async def _keep_rows(self, batch: Batch, table: Table, rule: Rule) -> int:
        kept = 0
        while rows := await asyncio.to_thread(_next_rows, batch, table, rule):
            async with self.records.transaction() as tx:
                alike = await tx.rows_alike(batch.id, [row.keys for row in rows])
                await tx.add_rows(within_file(rows, alike))
            kept += len(rows)
        return kept


def _next_rows(batch: Batch, table: Table, rule: Rule) -> list[CohortRow]:
    found = []
    for row, record in islice(table.rows, _AT_ONCE):
        checked = check_row(table, row, record, rule)
        found.append(
            CohortRow(
                batch_id=batch.id,
                organisation=batch.organisation,
                row=row,
                cells=checked.cells,
                complaints=checked.complaints,
                keys=keys_of(checked.cells),
            )
        )
    return found
