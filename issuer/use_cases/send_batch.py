"""Send the claim links of a batch to its graduates, each once however often it is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from issuer.domain.delivery import Delivery, Held, waits
from issuer.domain.message import Channel
from issuer.errors import AwardChanged, BatchUnknown, NothingToSendBy
from issuer.ports import DeliveryRecords
from issuer.use_cases.deliver import Deliver
from shared.ports.clock import Clock

_AT_ONCE: Final = 100
"""Awards in one transaction: others write in between, and what is done stays done if the service dies."""
_ATTEMPTS: Final = 5
_BEFORE, _NOT_WAITING = "before", "not waiting"


@dataclass(frozen=True, slots=True)
class BatchSent:
    """What this call did: messages queued by the way of the link, and the awards it left, by why."""

    queued: Mapping[Channel, int]
    held: Mapping[Channel, int]
    """Not sent: only this way reaches them, and nobody chose what is to become of the code."""
    sent_before: int
    not_waiting: int
    """Claimed, declined, revoked or replaced."""


@dataclass(frozen=True)
class SendBatch:
    """May be repeated: with another choice for those who were held, or after a crash."""

    records: DeliveryRecords
    deliver: Deliver
    clock: Clock

    async def __call__(self, delivery: Delivery) -> BatchSent:
        """Raises BatchUnknown, NothingToSendBy or AwardChanged."""
        async with self.records.transaction() as tx:
            if await tx.batch(delivery.organisation, delivery.batch_id) is None:
                raise BatchUnknown(
                    f"There is no batch {delivery.batch_id}; each award of GET /v1/awards names its own."
                )
            if not self.deliver.available:
                raise NothingToSendBy(
                    "Neither a mail server nor an SMS gateway is set up here, so nothing can be sent. Print the slips "
                    "(GET /v1/batches/{id}/slips.pdf), or take the links as CSV (GET /v1/batches/{id}/links.csv)."
                )
            await tx.save_delivery(delivery)
        found: Counter[Held | Channel | str] = Counter()
        after: UUID | None = None
        while True:
            outcomes, after = await self._next(delivery, after)
            if after is None:
                break
            found.update(outcomes)
        return BatchSent(
            queued={what: count for what, count in found.items() if isinstance(what, Channel)},
            held={what.only: count for what, count in found.items() if isinstance(what, Held)},
            sent_before=found[_BEFORE],
            not_waiting=found[_NOT_WAITING],
        )

    async def _next(
        self, delivery: Delivery, after: UUID | None
    ) -> tuple[Sequence[Held | Channel | str], UUID | None]:
        for _ in range(_ATTEMPTS - 1):
            with suppress(AwardChanged):  # a graduate opened her link meanwhile
                return await self._once(delivery, after)
        return await self._once(delivery, after)

    async def _once(
        self, delivery: Delivery, after: UUID | None
    ) -> tuple[Sequence[Held | Channel | str], UUID | None]:
        """Send the next awards; returns what became of each, and the last one's id, None if there is none."""
        outcomes: list[Held | Channel | str] = []
        async with self.records.transaction() as tx:
            awards = await tx.awards(
                delivery.organisation, batch_id=delivery.batch_id, after=after, limit=_AT_ONCE
            )
            known = await tx.claim_links([award.id for award in awards])
            for award in awards:
                if award.id in known:
                    outcomes.append(_BEFORE)
                elif not waits(award):
                    outcomes.append(_NOT_WAITING)
                else:
                    chosen = await self.deliver(
                        tx, award, delivery, known=None, number=0, bounced=(), now=self.clock()
                    )
                    outcomes.append(chosen if isinstance(chosen, Held) else chosen.link_by)
        return outcomes, awards[-1].id if awards else None
