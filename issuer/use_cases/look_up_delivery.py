"""What an officer looks at of what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.delivery import ClaimLink, Delivery
from issuer.domain.finding import Wanted
from issuer.domain.message import Channel, Kind, Message
from issuer.domain.spreadsheet import MAX_ROWS
from issuer.errors import AwardUnknown, BatchUnknown
from issuer.ports import DeliveryRecords


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What stands between graduates and their links: messages that did not arrive, and awards never sent."""

    messages: Sequence[tuple[Award, Message]]
    without_link: Sequence[Award]


@dataclass(frozen=True)
class LookUpDelivery:
    """Reads only."""

    records: DeliveryRecords

    async def batch(
        self, organisation: str, batch_id: UUID
    ) -> tuple[Delivery | None, Mapping[tuple[Kind, Channel, str], int]]:
        """What was chosen, None before the first sending, and how many messages are in each state. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            if await tx.batch(organisation, batch_id) is None:
                raise BatchUnknown(
                    f"There is no batch {batch_id}; each award of GET /v1/awards names its own."
                )
            return await tx.delivery(organisation, batch_id), await tx.count_messages(organisation, batch_id)

    async def award(self, organisation: str, award_id: UUID) -> tuple[ClaimLink | None, Sequence[Message]]:
        """The link as it was sent, and the messages, oldest first. Raises AwardUnknown."""
        async with self.records.reading() as tx:
            if await tx.award(organisation, award_id) is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            return await tx.claim_link(award_id), await tx.messages_of([award_id])

    async def undelivered(
        self, organisation: str, batch_id: UUID, *, after: UUID | None, limit: int
    ) -> Undelivered:
        """Of awards that still wait: messages that did not arrive, from behind one, and awards without a link. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            if await tx.batch(organisation, batch_id) is None:
                raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
            messages = await tx.undelivered(organisation, batch_id, after=after, limit=limit)
            awards = await tx.awards_of(organisation, [message.award_id for message in messages])
            by_id = {award.id: award for award in awards}
            without = await tx.awards_without_link(organisation, batch_id, limit=limit)
            return Undelivered(
                [(by_id[message.award_id], message) for message in messages],
                await tx.awards_of(organisation, without),
            )

    async def slip_files(self, organisation: str, batch_id: UUID, *, size: int) -> Sequence[UUID | None]:
        """Where each file of at most `size` slips begins: behind which award, None for the first. Raises BatchUnknown."""
        async with self.records.reading() as tx:
            if await tx.batch(organisation, batch_id) is None:
                raise BatchUnknown(f"There is no batch {batch_id}; GET /v1/batches lists all.")
            ids = await tx.find_awards(
                organisation, Wanted(batch_id=batch_id), after=None, limit=MAX_ROWS, newest_first=False
            )
        return [None, *ids[size - 1 : -1 : size]]
