"""What suspending and reinstating an award have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.history import What
from issuer.domain.suspension import StatusChange
from issuer.errors import AwardUnknown
from issuer.ports import NewId, Records
from issuer.use_cases import work
from shared.ports.clock import Clock

_TOLD: Final = {What.SUSPENDED: work.AWARD_SUSPENDED, What.REINSTATED: work.AWARD_REINSTATED}


@dataclass(frozen=True)
class ChangeStatus:
    """The award changes at once; its credential as soon as its status list is published."""

    records: Records
    new_id: NewId
    clock: Clock

    async def do(
        self,
        organisation: str,
        award_id: UUID,
        reason: str,
        change: Callable[[Award, UUID, str, datetime], tuple[Award, StatusChange]],
        what: What,
    ) -> Award:
        """Store the change, what happened, and the order to publish it."""
        now = self.clock()
        async with self.records.transaction() as tx:
            award = await tx.award(organisation, award_id)
            if award is None:
                raise AwardUnknown(f"There is no award {award_id}; GET /v1/awards lists all.")
            changed, order = change(award, self.new_id(), reason, now)
            await tx.save_award(changed)
            await tx.note(changed, what, at=now, reason=reason)
            await tx.save_status_change(order)
            await tx.tell(work.PUBLISH_STATUS, {"change_id": str(order.id)})
            await tx.tell(
                _TOLD[what],
                {"organisation": organisation, "award_id": str(award.id), "batch_id": str(award.batch_id)},
            )
        return changed
