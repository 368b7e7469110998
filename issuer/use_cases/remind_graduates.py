"""Remind those who got their link and did not come."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from issuer.domain.delivery import Delivery
from issuer.domain.message import Kind
from issuer.ports import DeliveryRecords
from issuer.use_cases.deliver import Deliver
from shared.ports.clock import Clock

_AT_ONCE: Final = 100


@dataclass(frozen=True)
class RemindGraduates:
    """Runs on a timer; whoever was reminded is not found again before the days are over."""

    records: DeliveryRecords
    deliver: Deliver
    clock: Clock

    async def __call__(self) -> int:
        """Return how many are reminded. Nobody is whose address bounced, who declined, or whose link is over."""
        async with self.records.reading() as tx:
            deliveries = await tx.deliveries_with_reminders()
        reminded = 0
        for delivery in deliveries:
            while some := await self._remind(delivery):
                reminded += some
        return reminded

    async def _remind(self, delivery: Delivery) -> int:
        if delivery.reminders is None:
            return 0
        now = self.clock()
        before = now - timedelta(days=delivery.reminders.every_days)
        count = 0
        async with self.records.transaction() as tx:
            due = await tx.awards_to_remind(
                delivery, asked_before=before, usable_on=now.date(), limit=_AT_ONCE
            )
            links = await tx.claim_links([award_id for award_id, _ in due])
            for award_id, number in due:
                award = await tx.award(delivery.organisation, award_id)
                if award is not None:
                    link_by = links[award_id].link_by
                    count += await tx.add_message(
                        self.deliver.message(award, Kind.REMINDER, link_by, number, now)
                    )
        return count
