"""Let an organisation do something."""

from dataclasses import dataclass

from services.trust_registry.domain.register import Grant, HistoryEntry, granted
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId
from shared.vc.trust_list import Authorization


@dataclass(frozen=True, kw_only=True)
class GrantAuthorization:
    """Adds an authorization and issues the list."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(self, entity_id: str, grant: Grant, *, actor: str) -> Authorization:
        """The authorization. Raises EntityUnknown, EntryRefused."""
        async with self.issue_list.changing() as register:
            now = self.clock()
            entity = await register.entity(entity_id)
            authorization = granted(entity, grant, authorization_id=self.new_id(), now=now)
            entry = HistoryEntry(
                id=self.new_id(),
                at=now,
                actor=actor,
                what="authorization.granted.v1",
                entity_id=entity_id,
                authorization_id=authorization.id,
                facts={
                    "action": authorization.action,
                    "resources": list(authorization.resources),
                    "valid_from": authorization.valid_from.isoformat(),
                },
            )
            await register.add_authorization(entity_id, authorization, entry)
        return authorization
