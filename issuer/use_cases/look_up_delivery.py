"""What an officer looks at of what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.delivery import ClaimLink, Delivery
from issuer.domain.message import Channel, Kind, Message
from issuer.errors import AwardUnknown, BatchUnknown
from issuer.ports import DeliveryRecords


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
