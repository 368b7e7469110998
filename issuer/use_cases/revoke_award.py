"""Take an award back, with the reason the learner will read."""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award, revoke
from issuer.errors import AwardUnknown
from issuer.ports import NewId, Records, Transaction
from issuer.use_cases import work
from issuer.use_cases.order_revocations import order_revocations
from issuer.use_cases.tell_graduate import TellGraduate
from shared.ports.clock import Clock


@dataclass(frozen=True)
class RevokeAward:
    """The award is revoked at once; its credentials as soon as their status list is published."""

    records: Records
    new_id: NewId
    clock: Clock
    tell_graduate: TellGraduate | None = None

    async def __call__(
        self, organisation: str, award_id: UUID, reason: str, *, notify: bool = False
    ) -> Award:
        """Return the revoked award. Raises AwardUnknown, AwardRefusesAction or AwardChanged."""
        async with self.records.transaction() as tx:
            award = await tx.award(organisation, award_id)
            if award is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            return await self.within(tx, award, reason, notify=notify)

    async def within(self, tx: Transaction, award: Award, reason: str, *, notify: bool) -> Award:
        """Do it in the caller's transaction. Raises AwardRefusesAction or AwardChanged."""
        now = self.clock()
        revoked, credentials = revoke(award, reason, now=now)
        await tx.save_award(revoked)
        await order_revocations(tx, award, credentials, reason=reason, new_id=self.new_id, now=now)
        await tx.tell(
            work.AWARD_REVOKED,
            {
                "organisation": award.organisation,
                "award_id": str(award.id),
                "batch_id": str(award.batch_id),
            },
        )
        if notify and self.tell_graduate is not None:
            await self.tell_graduate.revoked(tx, award, now=now)
        return revoked
