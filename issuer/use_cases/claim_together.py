"""Begin a claim at the organisation's office, for somebody without a telephone of her own.

An officer who checked who she is stands for the one-time code, which is not asked then; that and how it was checked are in
the award's history. What follows is between her and a wallet of her own: the officer's part ends with the invitation.
"""

from dataclasses import dataclass
from uuid import UUID

from issuer.domain.history import What
from issuer.domain.reissue import IdentityCheck
from issuer.errors import AwardUnknown
from issuer.ports import Invitation, Transaction
from issuer.use_cases.begin_claim import BeginClaim


@dataclass(frozen=True)
class ClaimTogether:
    """Each call gives a fresh invitation and ends what an earlier one began, as the learner's own claim does."""

    begin: BeginClaim

    async def __call__(self, organisation: str, award_id: UUID, check: IdentityCheck) -> Invitation:
        """Return an invitation for the wallet she makes.

        Raises AwardUnknown, ClaimAlreadyUsed, NotReady, OrganisationSuspended, AgentTrouble or AwardChanged.
        """
        async with self.begin.records.reading() as tx:
            award = await tx.award(organisation, award_id)
            maker, definition = await tx.organisation(organisation), await tx.definition(organisation)
        if award is None:
            raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")

        async def noted(tx: Transaction) -> None:
            how = f"{check.method}: {check.note}" if check.note else str(check.method)
            await tx.note(award, What.ASSISTED, at=check.at, reason=how)

        return await self.begin.invite(award, maker, definition, noted=noted)
