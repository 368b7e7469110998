"""What a list of organisations from elsewhere would add to the register and change in it. It takes nothing out."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    Granting,
    Registering,
    entities_of,
    standing_of,
)
from services.trust_registry.domain.proposal import Standing
from services.trust_registry.domain.register import (
    Entity,
    Grant,
    check_attributes,
    check_countries,
    check_dids,
    check_resource,
)
from services.trust_registry.errors import EntryRefused
from shared.ports.clock import NewId
from shared.vc.trust_list import Authorization


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One organisation of a file, without an id. `rows` has the row it begins on, then that of each grant."""

    entity: Entity
    grants: tuple[Grant, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is wrong with a cell, and what to write instead. Rows count from 1 as a spreadsheet shows them."""

    row: int
    column: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One thing the file says otherwise than the register."""

    entity: Entity
    what: str
    before: str
    after: str


@dataclass(slots=True, kw_only=True)
class Plan:
    """The edits, and what they amount to; with a complaint none of them is made. `known` has the organisations they change, as they are."""

    edits: list[Edit] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[FieldChange] = field(default_factory=list)
    unchanged: int = 0
    not_in_file: list[Entity] = field(default_factory=list)
    known: dict[str, Entity] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)


def planned(file: Sequence[Imported], register: Sequence[Entity]) -> Plan:
    """Hold the file against the register: organisations are the same where they share a DID, authorizations where all is the same.

    What the register says and the file does not stays: DIDs, names in other languages, external ids, authorizations,
    statuses, and organisations, which are named in `not_in_file`. What is new has an id that only counts: see `with_ids`.
    """
    plan = Plan()
    numbers = count(1)

    def new_id() -> str:
        return f"new-{next(numbers)}"

    by_did = {did: entity for entity in register for did in entity.dids}
    seen: dict[str, int] = {}
    met: set[str] = set()
    for found in file:
        plan.complaints.extend(_wrong(found))
        again = next((seen[did] for did in found.entity.dids if did in seen), None)
        if again is not None:
            what = f"expected each DID once, found one of row {again} again: write all of an organisation with the same dids"
            plan.complaints.append(Complaint(row=found.rows[0], column="dids", what=what))
            continue
        seen |= dict.fromkeys(found.entity.dids, found.rows[0])
        known = {by_did[did].id: by_did[did] for did in found.entity.dids if did in by_did}
        if len(known) > 1:
            names = ", ".join(sorted(entity.as_listed().name() for entity in known.values()))
            what = f"expected DIDs of one organisation, found those of {names}: write a row for each"
            plan.complaints.append(Complaint(row=found.rows[0], column="dids", what=what))
            continue
        met |= set(known)
        _plan_one(plan, found, next(iter(known.values()), None), new_id)
    plan.not_in_file = [entity for entity in register if entity.id not in met]
    if plan.complaints:
        plan.edits.clear()
    return plan


def standing_of_plan(plan: Plan) -> Standing:
    """What the edits are made upon, as `standing` says it of the register."""
    return {entity_id: standing_of(plan.known[entity_id]) for entity_id in sorted(entities_of(plan.edits))}


def digest_of_plan(plan: Plan) -> str:
    """Another digest: another plan, or the same upon another register. Its edits have ids that count from 1."""
    return hashlib.sha256(repr((plan.edits, standing_of_plan(plan))).encode()).hexdigest()


def with_ids(edits: Sequence[Edit], new_id: NewId) -> tuple[Edit, ...]:
    """The plan's edits, with ids for ever in place of those that only count."""
    ids = {edit.entity.id: new_id() for edit in edits if isinstance(edit, Registering)}
    made: list[Edit] = []
    for edit in edits:
        match edit:
            case Registering():
                made.append(Registering(entity=replace(edit.entity, id=ids[edit.entity.id])))
            case Granting():
                entity_id = ids.get(edit.entity_id, edit.entity_id)
                made.append(Granting(entity_id=entity_id, authorization_id=new_id(), grant=edit.grant))
            case _:
                made.append(edit)
    return tuple(made)


def _plan_one(plan: Plan, found: Imported, known: Entity | None, new_id: NewId) -> None:
    if known is None:
        entity = replace(found.entity, id=new_id())
        plan.edits.append(Registering(entity=entity))
        plan.added.append(f"{entity.as_listed().name()} ({entity.country})")
    else:
        plan.known[known.id] = known
        entity = _together(known, found.entity)
        changes = list(_changes(known, entity))
        if changes:
            plan.edits.append(Changing(entity=entity))
            plan.changed.extend(changes)
        else:
            plan.unchanged += 1
    kept = {_same(granted) for granted in known.authorizations} if known else set[tuple[object, ...]]()
    for grant in found.grants:
        same = _same(grant, entity.dids)
        if same in kept:
            plan.unchanged += 1
            continue
        kept.add(same)
        plan.edits.append(Granting(entity_id=entity.id, authorization_id=new_id(), grant=grant))
        plan.added.append(f"{entity.as_listed().name()}: {grant.action} {' '.join(grant.resources)}")


def _together(known: Entity, said: Entity) -> Entity:
    """The register's organisation with what the file says; nothing is taken out."""
    return replace(
        known,
        names={**known.names, **said.names},
        country=said.country,
        dids=tuple(dict.fromkeys((*known.dids, *said.dids))),
        did_periods={**known.did_periods, **said.did_periods},
        external_ids=tuple(dict.fromkeys((*known.external_ids, *said.external_ids))),
    )


def _changes(before: Entity, after: Entity) -> Iterator[FieldChange]:
    for what, was, is_now in (
        ("names", _names(before), _names(after)),
        ("country", before.country, after.country),
        ("dids", " ".join(before.dids), " ".join(after.dids)),
        ("did_periods", str(dict(before.did_periods)), str(dict(after.did_periods))),
        ("external_ids", " ".join(before.external_ids), " ".join(after.external_ids)),
    ):
        if was != is_now:
            yield FieldChange(entity=before, what=what, before=was, after=is_now)


def _names(entity: Entity) -> str:
    return "; ".join(f"{language}: {name}" for language, name in sorted(entity.names.items()))


def _same(granted: Grant | Authorization, all_dids: tuple[str, ...] = ()) -> tuple[object, ...]:
    """What makes two authorizations one. A grant without DIDs is for all of the organisation's."""
    return (
        granted.action,
        frozenset(all_dids if granted.dids is None else granted.dids),
        frozenset(granted.resources),
        frozenset(granted.jurisdictions),
        granted.highest_level,
        frozenset(granted.attributes),
        granted.valid_from,
        granted.valid_to,
        granted.evidence_url,
        granted.evidence_digest,
        granted.delegated_by,
    )


def _wrong(found: Imported) -> Iterator[Complaint]:
    entity, row = found.entity, found.rows[0]
    yield from _complaint(row, "country", partial(check_countries, [entity.country]))
    yield from _complaint(row, "dids", partial(check_dids, entity.dids))
    for grant, where in zip(found.grants, found.rows[1:], strict=True):
        yield from _complaint(where, "jurisdictions", partial(check_countries, grant.jurisdictions))
        yield from _complaint(where, "attributes", partial(check_attributes, grant.action, grant.attributes))
        for resource in grant.resources:
            yield from _complaint(where, "resources", partial(check_resource, resource))
        if grant.valid_to is not None and grant.valid_to < grant.valid_from:
            what = f"expected a day on or after {grant.valid_from}, found {grant.valid_to}"
            yield Complaint(row=where, column="valid_to", what=what)


def _complaint(row: int, column: str, check: Callable[[], None]) -> Iterable[Complaint]:
    try:
        check()
    except EntryRefused as error:
        return [Complaint(row=row, column=column, what=str(error))]
    return []
