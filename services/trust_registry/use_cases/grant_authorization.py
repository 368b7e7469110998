"""Let an organisation do something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.trust_registry.domain.register import Grant, HistoryEntry, granted
from services.trust_registry.ports import KeepRegister, MakeId
from services.trust_registry.use_cases.issue_list import IssueList
from shared.vc.trust_list import Authorization


@dataclass(frozen=True, kw_only=True)
class GrantAuthorization:
    """Adds an authorization and issues the list."""

    register: KeepRegister
    issue_list: IssueList
    make_id: MakeId
    clock: Callable[[], datetime]

    async def __call__(self, entity_id: str, grant: Grant, *, actor: str) -> Authorization:
        """The authorization. Raises EntityUnknown, EntryRefused."""
        entity, now = await self.register.entity(entity_id), self.clock()
        authorization = granted(entity, grant, authorization_id=self.make_id(), now=now)
        entry = HistoryEntry(
            id=self.make_id(),
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
        await self.register.add_authorization(entity_id, authorization, entry)
        await self.issue_list()
        return authorization
