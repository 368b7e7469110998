"""Turn the good rows of a batch into awards, some at a time."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from issuer.domain.award import Award, prepare
from issuer.domain.batch import Batch, CohortRow, Preparing, RowState, finish
from issuer.domain.claim import claim_digest, claim_token
from issuer.domain.graduate import Graduate
from issuer.domain.spreadsheet import Rule, check_cells
from issuer.ports import BatchRecords, BatchTransaction, NewId
from issuer.use_cases.find_duplicates import FindDuplicates
from shared.ports.clock import Clock
from shared.ports.tracing import trace_of

_AT_ONCE: Final = 200
"""Rows in one transaction: others write in between, and what is done stays done if the service dies."""

TRACED_TOGETHER: Final = 100
"""Rows of a file whose awards go on in its trace; those of a larger one have a trace each, named like the award, because
no tool shows a trace of a million steps."""


@dataclass(frozen=True)
class PrepareBatch:
    """May be repeated, interrupted and run twice at once: a row and its award are one transaction."""

    records: BatchRecords
    find_duplicates: FindDuplicates
    new_id: NewId
    clock: Clock
    secret: bytes

    async def __call__(self) -> bool:
        """Prepare the batch that was asked for first; False if there is none."""
        async with self.records.reading() as tx:
            waiting = await tx.batches_preparing()
        if not waiting:
            return False
        batch = waiting[0]
        await self.find_duplicates(batch)  # another batch may have been prepared since this one was asked for
        while await self._next(batch):
            pass
        return True

    async def _next(self, batch: Batch) -> bool:
        """Prepare the next rows; False once there is none left."""
        now = self.clock()
        async with self.records.transaction() as tx:
            held = await tx.hold_batch(batch.organisation, batch.id)
            if held is None or not isinstance(held.state, Preparing):
                return False
            rows = await tx.rows(
                batch.organisation, batch.id, states=[RowState.GOOD], after=0, limit=_AT_ONCE
            )
            if not rows:
                counts = await tx.count_rows(batch.organisation, batch.id)
                await tx.save_batch(finish(held, awards=counts.get(RowState.AWARDED, 0)))
                return False
            await self._award(tx, held, rows, now)
        return True

    async def _award(
        self, tx: BatchTransaction, batch: Batch, rows: Sequence[CohortRow], now: datetime
    ) -> None:
        template = await tx.template(batch.organisation, batch.template_id)
        if template is None:
            raise LookupError(f"the template of batch {batch.id} is gone")
        rule = Rule(now.date(), template.grading, template.language)
        awards, changed = [], []
        for row in rows:
            checked = check_cells(row.cells, row=row.row, rule=rule)
            if checked.graduate is None:  # the rules became stricter since it was checked
                changed.append(replace(row, complaints=checked.complaints))
                continue
            award = new_award(
                self.new_id(), batch, row.row, checked.graduate, secret=self.secret, code_digest=None, now=now
            )
            awards.append(award)
            changed.append(replace(row, award_id=award.id))
        await tx.add_awards(awards)
        await tx.save_rows(changed)


def new_award(
    award_id: UUID,
    batch: Batch,
    row: int,
    graduate: Graduate,
    *,
    secret: bytes,
    code_digest: str | None,
    now: datetime,
) -> Award:
    """Return the award that a row of this batch becomes."""
    award = prepare(
        award_id,
        organisation=batch.organisation,
        batch_id=batch.id,
        template_id=batch.template_id,
        edition_id=batch.edition_id,
        row=row,
        graduate=graduate,
        identity_salt=secrets.token_urlsafe(16),
        claim_digest=claim_digest(claim_token(secret, award_id)),
        code_digest=code_digest,
        now=now,
    )
    if batch.trace is None or batch.rows <= TRACED_TOGETHER:
        return replace(award, trace=batch.trace)
    return replace(award, trace=trace_of(award_id.hex, like=batch.trace))
