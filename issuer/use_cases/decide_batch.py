"""Ask for a batch to be prepared, approve that as the second person, or send it back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from issuer.domain.batch import Batch, RowState, approve, ask, send_back
from issuer.domain.template import for_new_awards
from issuer.errors import BatchCause, BatchRefusesAction, BatchUnknown
from issuer.ports import BatchRecords, BatchTransaction
from issuer.use_cases.find_duplicates import FindDuplicates
from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Ask:
    """The good rows are to become awards."""


@dataclass(frozen=True, slots=True)
class Approve:
    """What was asked for at that time may be done."""

    asked_at: datetime


@dataclass(frozen=True, slots=True)
class SendBack:
    """It may not, or not so."""

    asked_at: datetime
    reason: str


@dataclass(frozen=True)
class DecideBatch:
    """Preparing itself goes on in the background."""

    records: BatchRecords
    find_duplicates: FindDuplicates
    clock: Clock

    async def __call__(
        self, organisation: str, batch_id: UUID, decision: Ask | Approve | SendBack, *, by: str
    ) -> Batch:
        """Return the batch as it is now. Raises BatchUnknown, BatchRefusesAction, NoSecondPerson or TemplateRetired."""
        if isinstance(decision, Ask):
            await self._compare_again(organisation, batch_id)
        async with self.records.transaction() as tx:
            batch = await tx.hold_batch(organisation, batch_id)
            if batch is None:
                raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
            match decision:
                case Ask():
                    decided = await self._asked(tx, batch, by)
                case Approve(asked_at):
                    decided = approve(batch, by=by, asked_at=asked_at)
                case SendBack(asked_at, reason):
                    decided = send_back(batch, reason, asked_at=asked_at)
            await tx.save_batch(decided)
        return decided

    async def _asked(self, tx: BatchTransaction, batch: Batch, by: str) -> Batch:
        template = await tx.template(batch.organisation, batch.template_id)
        if template is not None:
            for_new_awards(template)
        organisation = await tx.organisation(batch.organisation)
        counts = await tx.count_rows(batch.organisation, batch.id)
        return ask(
            batch,
            by=by,
            good=counts.get(RowState.GOOD, 0),
            second_person=organisation is not None and organisation.second_person,
            now=self.clock(),
        )

    async def _compare_again(self, organisation: str, batch_id: UUID) -> None:
        """Other batches may have been prepared since this one was checked."""
        async with self.records.reading() as tx:
            batch = await tx.batch(organisation, batch_id)
        if batch is None or not batch.is_open:
            return
        if found := await self.find_duplicates(batch):
            raise BatchRefusesAction(
                BatchCause.NEW_DUPLICATES,
                f"{found} more rows are of people who got an award from another batch since this one was checked. Look at "
                "the duplicates, then ask again.",
            )
