"""Make a suspended award count again, with the reason the learner will read."""

from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.history import What
from issuer.domain.suspension import reinstate
from issuer.use_cases.change_status import ChangeStatus


class ReinstateAward(ChangeStatus):
    """Of a suspended award."""

    async def __call__(self, organisation: str, award_id: UUID, reason: str) -> Award:
        """Return the award that counts again. Raises AwardUnknown, AwardRefusesAction or AwardChanged."""
        return await self.do(organisation, award_id, reason, reinstate, What.REINSTATED)
