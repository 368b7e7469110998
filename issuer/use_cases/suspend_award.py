"""Make an award not count for a while, with the reason the learner will read."""

from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.history import What
from issuer.domain.suspension import suspend
from issuer.use_cases.change_status import ChangeStatus


class SuspendAward(ChangeStatus):
    """Of an issued award."""

    async def __call__(self, organisation: str, award_id: UUID, reason: str) -> Award:
        """Return the suspended award. Raises AwardUnknown, AwardRefusesAction or AwardChanged."""
        return await self.do(organisation, award_id, reason, suspend, What.SUSPENDED)
