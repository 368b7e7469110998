"""Throw away a batch of which nothing was awarded."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from issuer.domain.batch import Draft
from issuer.errors import BatchCause, BatchRefusesAction, BatchUnknown
from issuer.ports import BatchRecords
from shared.ports.clock import Clock

_CHECKING_TAKES: Final = timedelta(hours=1)
"""Never so long: whatever still is being checked after that, the service died over it."""


@dataclass(frozen=True)
class DiscardBatch:
    """Its rows go with it."""

    records: BatchRecords
    clock: Clock

    async def __call__(self, organisation: str, batch_id: UUID) -> None:
        """Raises BatchUnknown or BatchRefusesAction."""
        async with self.records.transaction() as tx:
            batch = await tx.hold_batch(organisation, batch_id)
            if batch is None:
                raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
            if not isinstance(batch.state, Draft) or batch.awards:
                raise BatchRefusesAction(
                    BatchCause.NOT_A_DRAFT,
                    f"This batch is {batch.state_name}: only a draft of which nothing was awarded can be discarded.",
                )
            await tx.drop_batch(batch)

    async def unfinished(self) -> None:
        """Throw away what was never checked to its end."""
        async with self.records.transaction() as tx:
            for batch in await tx.unchecked_batches(before=self.clock() - _CHECKING_TAKES):
                await tx.drop_batch(batch)
