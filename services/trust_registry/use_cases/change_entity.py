"""Change what the register says of an organisation."""

from dataclasses import dataclass, replace

from services.trust_registry.domain.register import Entity, HistoryEntry, checked
from services.trust_registry.errors import EntryRefused
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class ChangeEntity:
    """Replaces names, country, DIDs and external ids, and issues the list."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(self, entity: Entity, *, actor: str) -> Entity:
        """The organisation as it is now. Raises EntityUnknown, EntryRefused, DidTaken."""
        async with self.issue_list.changing() as register:
            known = await register.entity(entity.id)
            entity = replace(checked(entity), authorizations=known.authorizations)
            used = {did for authorization in known.authorizations for did in authorization.dids}
            missing = sorted(used - set(entity.dids))
            if missing:
                raise EntryRefused(
                    f"expected the DIDs its authorizations name to stay: {', '.join(missing)}; withdraw those instead"
                )
            entry = HistoryEntry(
                id=self.new_id(),
                at=self.clock(),
                actor=actor,
                what="entity.changed.v1",
                entity_id=entity.id,
                facts={"names": dict(entity.names), "country": entity.country, "dids": list(entity.dids)},
            )
            await register.replace_entity(entity, entry)
        return entity
