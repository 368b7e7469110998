"""Take an organisation into the register."""

from dataclasses import dataclass, replace

from services.trust_registry.domain.register import Entity, HistoryEntry, checked
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class RegisterEntity:
    """Takes up an organisation and issues the list."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(self, entity: Entity, *, actor: str) -> Entity:
        """The organisation with its id. Raises EntryRefused, DidTaken."""
        entity = replace(checked(entity), id=self.new_id())
        entry = HistoryEntry(
            id=self.new_id(),
            at=self.clock(),
            actor=actor,
            what="entity.registered.v1",
            entity_id=entity.id,
            facts={"names": dict(entity.names), "country": entity.country, "dids": list(entity.dids)},
        )
        async with self.issue_list.changing() as register:
            await register.add_entity(entity, entry)
        return entity
