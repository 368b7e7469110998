"""Suspend, reinstate, lapse, withdraw an authorization, or report its key compromised."""

from dataclasses import dataclass
from datetime import datetime

from services.trust_registry.domain.register import Entity, HistoryEntry
from services.trust_registry.domain.status import Change, changed
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId
from shared.vc.trust_list import Authorization


@dataclass(frozen=True, kw_only=True)
class ChangeStatus:
    """Appends to an authorization's history and issues the list."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(
        self,
        authorization_id: str,
        change: Change,
        *,
        reason: str,
        actor: str,
        effective_at: datetime | None = None,
        earlier_awards_stand: bool | None = None,
    ) -> tuple[Entity, Authorization]:
        """Whose it is, and what it is now. Raises AuthorizationUnknown, ChangeRefused, ChangedMeanwhile."""
        async with self.issue_list.changing() as register:
            now = self.clock()
            entity, before = await register.authorization(authorization_id)
            after = changed(
                before,
                change,
                reason=reason,
                effective_at=effective_at,
                earlier_awards_stand=earlier_awards_stand,
                now=now,
            )
            period = after.periods[-1]
            entry = HistoryEntry(
                id=self.new_id(),
                at=now,
                actor=actor,
                what=f"authorization.{period.status}.v1",
                entity_id=entity.id,
                authorization_id=authorization_id,
                facts={
                    "since": period.since.isoformat(),
                    "reason": period.reason,
                    "earlier_awards_stand": period.earlier_awards_stand,
                },
            )
            await register.add_period(before, period, entry)
        return entity, after
