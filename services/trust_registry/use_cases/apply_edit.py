"""Make one edit of the register, inside a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    FourEyesSet,
    Granting,
    Registering,
    StatusChange,
    ValiditySet,
    entities_of,
    standing_of,
)
from services.trust_registry.domain.proposal import Standing
from services.trust_registry.domain.register import Entity, HistoryEntry, checked, granted
from services.trust_registry.domain.status import changed
from services.trust_registry.errors import ChangedMeanwhile, EntryRefused
from services.trust_registry.ports import ChangeRegister, ReadRegister
from shared.ports.clock import NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """Who does it when; `facts` go into each history entry: the proposal, its proposer and the reason."""

    actor: str
    now: datetime
    new_id: NewId
    facts: Mapping[str, object] = field(default_factory=dict)

    def entry(
        self,
        what: str,
        facts: Mapping[str, object],
        entity_id: str | None = None,
        authorization: str | None = None,
    ) -> HistoryEntry:
        """A line of the history."""
        return HistoryEntry(
            id=self.new_id(),
            at=self.now,
            actor=self.actor,
            what=what,
            entity_id=entity_id,
            authorization_id=authorization,
            facts={**self.facts, **facts},
        )


async def standing(register: ReadRegister, edits: Iterable[Edit]) -> Standing:
    """What the edits are made upon. Raises EntityUnknown, AuthorizationUnknown."""
    edits = tuple(edits)
    named = await register.entities_named(sorted(entities_of(edits)))
    found = {entity.id: standing_of(entity) for entity in named}
    for edit in edits:
        if isinstance(edit, StatusChange):
            entity, _ = await register.authorization(edit.authorization_id)
            found[entity.id] = standing_of(entity)
    if any(isinstance(edit, ValiditySet | FourEyesSet) for edit in edits):
        scheme = await register.rules()
        found["scheme"] = f"{scheme.validity.total_seconds():.0f} {scheme.four_eyes}"
    return found


async def insist_on(register: ReadRegister, edits: Iterable[Edit], upon: Standing) -> None:
    """Raises ChangedMeanwhile unless the edits are still made upon that."""
    if await standing(register, edits) != upon:
        raise ChangedMeanwhile(
            "what this changes was changed since you looked at it: look at it as it is now"
        )


async def apply_edits(register: ChangeRegister, edits: Sequence[Edit], doing: Doing) -> None:
    """Make them all, with their history entries. Raises what `apply_edit` raises."""
    await register.entities_named(sorted(entities_of(edits)))  # at once, not one by one below
    for edit in edits:
        await apply_edit(register, edit, doing)
    await register.flush()


async def apply_edit(register: ChangeRegister, edit: Edit, doing: Doing) -> None:
    """Make it, with its history entry. Raises RegistryError: what it changes is unknown, or must not become so."""
    match edit:
        case Registering():
            entity = checked(edit.entity)
            await register.add_entity(entity, doing.entry("entity.registered.v1", _facts(entity), entity.id))
        case Changing():
            await _change(register, edit.entity, doing)
        case Granting():
            await _grant(register, edit, doing)
        case StatusChange():
            await _change_status(register, edit, doing)
        case ValiditySet():
            entry = doing.entry("list.validity_set.v1", {"hours": edit.hours})
            await register.set_validity(timedelta(hours=edit.hours), entry)
        case FourEyesSet():
            entry = doing.entry("authority.four_eyes_set.v1", {"four_eyes": edit.four_eyes})
            await register.set_four_eyes(edit.four_eyes, entry)


async def _change(register: ChangeRegister, entity: Entity, doing: Doing) -> None:
    known = await register.entity(entity.id)
    entity = replace(checked(entity), authorizations=known.authorizations)
    used = {did for authorization in known.authorizations for did in authorization.dids}
    missing = sorted(used - set(entity.dids))
    if missing:
        raise EntryRefused(
            f"expected the DIDs its authorizations name to stay: {', '.join(missing)}; give them a last day in "
            "did_periods, or withdraw those authorizations"
        )
    await register.replace_entity(entity, doing.entry("entity.changed.v1", _facts(entity), entity.id))


async def _grant(register: ChangeRegister, edit: Granting, doing: Doing) -> None:
    entity = await register.entity(edit.entity_id)
    authorization = granted(entity, edit.grant, authorization_id=edit.authorization_id, now=doing.now)
    facts = {
        "action": authorization.action,
        "resources": list(authorization.resources),
        "valid_from": authorization.valid_from.isoformat(),
    }
    entry = doing.entry("authorization.granted.v1", facts, edit.entity_id, authorization.id)
    await register.add_authorization(edit.entity_id, authorization, entry)


async def _change_status(register: ChangeRegister, edit: StatusChange, doing: Doing) -> None:
    entity, before = await register.authorization(edit.authorization_id)
    after = changed(
        before,
        edit.change,
        reason=edit.reason,
        effective_at=edit.effective_at,
        earlier_awards_stand=edit.earlier_awards_stand,
        now=doing.now,
    )
    period = after.periods[-1]
    facts = {
        "since": period.since.isoformat(),
        "reason": period.reason,
        "earlier_awards_stand": period.earlier_awards_stand,
    }
    entry = doing.entry(f"authorization.{period.status}.v1", facts, entity.id, before.id)
    await register.add_period(before, period, entry)


def _facts(entity: Entity) -> dict[str, object]:
    return {"names": dict(entity.names), "country": entity.country, "dids": list(entity.dids)}
