"""An officer shows a graduate who is with her the link, on a screen."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.claim import ClaimLinks, claim_digest, short_token
from issuer.domain.delivery import LINK_DAYS, ClaimLink, is_over, last_day, waits
from issuer.domain.history import What
from issuer.domain.message import Channel
from issuer.errors import AwardRefusesAction, AwardUnknown
from issuer.ports import DeliveryRecords
from shared.ports.clock import Clock

BY_HAND: Final = "hand"
"""How a link was delivered that was shown on a screen."""


@dataclass(frozen=True)
class ShowLink:
    """A link without a last day, or whose last day is over, gets a new one."""

    records: DeliveryRecords
    links: ClaimLinks
    clock: Clock

    async def __call__(self, organisation: str, award_id: UUID) -> tuple[Award, str]:
        """Return the award and its link. Raises AwardUnknown or AwardRefusesAction."""
        now = self.clock()
        async with self.records.transaction() as tx:
            award = await tx.award(organisation, award_id)
            if award is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            if not waits(award):
                raise AwardRefusesAction(f"This award is {award.state_name}: there is nothing to claim.")
            link, delivery = await tx.claim_link(award_id), await tx.delivery(organisation, award.batch_id)
            if link is None or is_over(link.until, now=now):
                await tx.save_claim_link(
                    ClaimLink(
                        award_id,
                        organisation,
                        claim_digest(short_token(self.links.secret, award_id)),
                        last_day(now, delivery.link_days if delivery else LINK_DAYS),
                        link.link_by if link else Channel.SHEET,
                        link.code_by if link else None,
                    )
                )
            await tx.note(award, What.DELIVERED, at=now, reason=BY_HAND)
        return award, self.links.long(award_id)
