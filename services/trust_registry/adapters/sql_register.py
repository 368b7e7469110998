"""The register in SQL: `KeepRegister`."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import batched
from typing import Final, cast

from sqlalchemy import bindparam, insert
from sqlalchemy.orm import defer
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.trust_registry.adapters.edits_json import edits_from, edits_json
from services.trust_registry.adapters.sql_tables import (
    AuthorizationRow,
    EntityDidRow,
    EntityRow,
    HistoryRow,
    IssueRow,
    PeriodRow,
    ProposalRow,
    SchemeRow,
)
from services.trust_registry.domain.issuing import Issue, Register, Rules
from services.trust_registry.domain.proposal import Proposal, ProposalState
from services.trust_registry.domain.register import Entity, HistoryEntry
from services.trust_registry.errors import (
    AuthorizationUnknown,
    ChangedMeanwhile,
    DidTaken,
    EntityUnknown,
    ProposalUnknown,
)
from shared.adapters.sql import Database, insert_many_once, insert_once
from shared.vc.trust_list import Action, Authorization, DidPeriod, Level, Status, StatusPeriod

AT_ONCE: Final = 500
"""Rows of one statement."""
_CHANGE_ENTITY: Final = (
    update(EntityRow)
    .where(col(EntityRow.id) == bindparam("entity"))
    .values(
        names=bindparam("new_names"),
        country=bindparam("new_country"),
        external_ids=bindparam("new_external_ids"),
    )
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows not yet written. `dids` has the organisations whose DIDs are written anew."""

    entities: list[dict[str, object]] = field(default_factory=list)
    changes: list[dict[str, object]] = field(default_factory=list)
    dids: dict[str, Entity] = field(default_factory=dict)
    authorizations: list[dict[str, object]] = field(default_factory=list)
    periods: list[dict[str, object]] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)


class SqlRegister:
    """The register of one scheme; `start` it first."""

    def __init__(
        self, database: Database, *, name: str, validity: timedelta, four_eyes: bool = False
    ) -> None:
        """`validity` and `four_eyes` count until the authority sets others."""
        self._database = database
        self._name = name
        self._validity = validity
        self._four_eyes = four_eyes

    async def start(self) -> None:
        """Make the scheme if it is new."""
        values = {
            "name": self._name,
            "revision": 0,
            "validity_seconds": int(self._validity.total_seconds()),
            "four_eyes": self._four_eyes,
        }
        async with self._database.session() as session:
            await insert_once(session, SchemeRow, values)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator["SqlRegisterChange"]:
        """Begin a transaction that makes others wait; commits when left normally."""
        async with self._database.session() as session:
            await session.exec(select(SchemeRow).where(col(SchemeRow.name) == self._name).with_for_update())
            change = SqlRegisterChange(session, self._name)
            yield change
            await change.flush()

    async def whole(self) -> Register:
        """The register and the newest issue."""
        async with self._database.reading() as session:
            return await _whole(session, self._name)

    async def rules(self) -> Rules:
        """What the authority set for itself."""
        async with self._database.reading() as session:
            return _rules(await _scheme(session, self._name))

    async def entity(self, entity_id: str) -> Entity:
        """One organisation. Raises EntityUnknown."""
        async with self._database.reading() as session:
            return await _entity(session, entity_id)

    async def entities_named(self, ids: Iterable[str]) -> Sequence[Entity]:
        """These organisations. Raises EntityUnknown."""
        async with self._database.reading() as session:
            return await _entities_named(session, ids)

    async def proposal(self, proposal_id: str) -> Proposal:
        """One proposal. Raises ProposalUnknown."""
        async with self._database.reading() as session:
            return _proposal(await _proposal_row(session, proposal_id))

    async def proposals(
        self, *, after: str | None, limit: int, state: ProposalState | None, newest_first: bool = False
    ) -> Sequence[Proposal]:
        """Proposals by id."""
        id_ = col(ProposalRow.id)
        query = select(ProposalRow).order_by(id_.desc() if newest_first else id_).limit(limit)
        if after is not None:
            query = query.where(id_ < after if newest_first else id_ > after)
        if state is not None:
            query = query.where(col(ProposalRow.state) == state)
        async with self._database.reading() as session:
            return [_proposal(row) for row in await session.exec(query)]

    async def entities(self, *, after: str | None, limit: int) -> Sequence[Entity]:
        """Organisations by id, those after `after`."""
        async with self._database.reading() as session:
            query = select(EntityRow).order_by(col(EntityRow.id)).limit(limit)
            if after is not None:
                query = query.where(col(EntityRow.id) > after)
            return await _entities(session, (await session.exec(query)).all())

    async def authorization(self, authorization_id: str) -> tuple[Entity, Authorization]:
        """An authorization and whose it is. Raises AuthorizationUnknown."""
        async with self._database.reading() as session:
            return await _owned(session, authorization_id)

    async def history(
        self, *, after: str | None, limit: int, entity_id: str | None, newest_first: bool = False
    ) -> Sequence[HistoryEntry]:
        """What was done, oldest first unless said."""
        id_ = col(HistoryRow.id)
        query = select(HistoryRow).order_by(id_.desc() if newest_first else id_).limit(limit)
        if after is not None:
            query = query.where(id_ < after if newest_first else id_ > after)
        if entity_id is not None:
            query = query.where(col(HistoryRow.entity_id) == entity_id)
        async with self._database.reading() as session:
            return [HistoryEntry(**row.model_dump()) for row in await session.exec(query)]

    async def issues(self, *, after: int, limit: int) -> Sequence[Issue]:
        """Lists by number, without their text."""
        query = (
            select(IssueRow)
            .options(defer(col(IssueRow.compact)))  # type: ignore[arg-type] # a mapped column, which SQLModel types as its value
            .where(col(IssueRow.number) > after)
            .order_by(col(IssueRow.number))
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [
                Issue(compact="", **row.model_dump(exclude={"compact"})) for row in await session.exec(query)
            ]

    async def newest_digest(self) -> str | None:
        """The digest of the newest list; None before the first."""
        query = select(IssueRow.digest).order_by(col(IssueRow.number).desc()).limit(1)
        async with self._database.reading() as session:
            return (await session.exec(query)).first()

    async def issue(self, number: int | None = None) -> Issue | None:
        """The list with this number, or the newest."""
        async with self._database.reading() as session:
            row = await _newest(session) if number is None else await session.get(IssueRow, number)
            return None if row is None else _issue(row)


class SqlRegisterChange:
    """One transaction."""

    def __init__(self, session: AsyncSession, name: str) -> None:
        self._session = session
        self._name = name
        self._waiting = _Waiting()
        self._known: dict[str, Entity] = {}

    @property
    def session(self) -> AsyncSession:
        """The transaction, for what is to be kept along with the change."""
        return self._session

    async def whole(self) -> Register:
        """The register as changed so far, and the newest issue."""
        await self.flush()
        await self._session.flush()
        return await _whole(self._session, self._name)

    async def rules(self) -> Rules:
        """What the authority set for itself, as changed so far."""
        await self.flush()
        return _rules(await _scheme(self._session, self._name))

    async def entity(self, entity_id: str) -> Entity:
        """One organisation. Raises EntityUnknown."""
        [found] = await self.entities_named([entity_id])
        return found

    async def entities_named(self, ids: Iterable[str]) -> Sequence[Entity]:
        """These organisations as changed so far; nobody else changes them in this transaction. Raises EntityUnknown."""
        ids = list(ids)
        missing = [entity_id for entity_id in ids if entity_id not in self._known]
        if missing:
            await self.flush()
            self._known |= {entity.id: entity for entity in await _entities_named(self._session, missing)}
        return [self._known[entity_id] for entity_id in ids]

    async def proposal(self, proposal_id: str) -> Proposal:
        """One proposal. Raises ProposalUnknown."""
        return _proposal(await _proposal_row(self._session, proposal_id))

    async def authorization(self, authorization_id: str) -> tuple[Entity, Authorization]:
        """An authorization and whose it is. Raises AuthorizationUnknown."""
        await self.flush()
        return await _owned(self._session, authorization_id)

    async def add_entity(self, entity: Entity, entry: HistoryEntry) -> None:
        """Take up an organisation. Raises DidTaken when it is written."""
        self._note(entry)
        self._waiting.entities.append({"id": entity.id, **_entity_values(entity)})
        self._waiting.dids[entity.id] = entity
        self._known[entity.id] = replace(entity, authorizations=())

    async def replace_entity(self, entity: Entity, entry: HistoryEntry) -> None:
        """Change an organisation; its authorizations stay. Raises EntityUnknown, and DidTaken when it is written."""
        known = await self.entity(entity.id)
        self._note(entry)
        values = {f"new_{name}": value for name, value in _entity_values(entity).items()}
        self._waiting.changes.append({"entity": entity.id, **values})
        self._waiting.dids[entity.id] = entity
        self._known[entity.id] = replace(entity, authorizations=known.authorizations)

    async def add_authorization(
        self, entity_id: str, authorization: Authorization, entry: HistoryEntry
    ) -> None:
        """Take up an authorization."""
        known = await self.entity(entity_id)
        self._note(entry)
        self._waiting.authorizations.append(_authorization_values(entity_id, authorization))
        self._waiting.periods.extend(
            _period_values(authorization.id, position, period)
            for position, period in enumerate(authorization.periods)
        )
        self._known[entity_id] = replace(known, authorizations=(*known.authorizations, authorization))

    async def add_period(
        self, authorization: Authorization, period: StatusPeriod, entry: HistoryEntry
    ) -> None:
        """Append to the periods `authorization` has. Raises ChangedMeanwhile if there are others by now."""
        values = _period_values(authorization.id, len(authorization.periods), period)
        self._note(entry)
        await self.flush()
        self._known.clear()
        if not await insert_once(self._session, PeriodRow, values):
            raise ChangedMeanwhile(
                "this authorization was changed at the same time: look at it and try again"
            )

    async def set_validity(self, validity: timedelta, entry: HistoryEntry) -> None:
        """How long lists are valid from now on."""
        self._note(entry)
        await self._session.exec(
            update(SchemeRow)
            .where(col(SchemeRow.name) == self._name)
            .values(validity_seconds=int(validity.total_seconds()))
        )

    async def set_four_eyes(self, four_eyes: bool, entry: HistoryEntry) -> None:
        """Whether every change takes two people from now on."""
        self._note(entry)
        await self._session.exec(
            update(SchemeRow).where(col(SchemeRow.name) == self._name).values(four_eyes=four_eyes)
        )

    async def add_proposal(self, proposal: Proposal) -> None:
        """Keep a proposal."""
        self._session.add(
            ProposalRow(
                id=proposal.id,
                state=proposal.state,
                reason=proposal.reason,
                edits=edits_json(proposal.edits),
                standing=dict(proposal.standing),
                proposed_by=proposal.proposed_by,
                proposed_at=proposal.proposed_at,
            )
        )
        await self._session.flush()

    async def keep_decision(self, proposal: Proposal) -> None:
        """Keep what became of a proposal."""
        row = await _proposal_row(self._session, proposal.id)
        row.state, row.decided_by, row.decided_at = proposal.state, proposal.decided_by, proposal.decided_at
        row.decision_reason = proposal.decision_reason
        self._session.add(row)
        await self._session.flush()

    async def keep_issue(self, issue: Issue) -> bool:
        """Keep a list for ever; False if its number is taken."""
        values = {
            "number": issue.number,
            "revision": issue.revision,
            "issued": issue.issued,
            "next_update": issue.next_update,
            "digest": issue.digest,
            "compact": issue.compact,
            "renew": issue.renew,
            "previous": issue.previous,
        }
        return await insert_once(self._session, IssueRow, values)

    async def flush(self) -> None:
        """Write what is waiting, table by table: a file of 2,000 organisations is a dozen statements. Raises DidTaken."""
        waiting, self._waiting = self._waiting, _Waiting()
        if not waiting.history:
            return
        write = (await self._session.connection()).execute
        if waiting.entities:
            await write(insert(EntityRow), waiting.entities)
        if waiting.changes:
            await write(_CHANGE_ENTITY, waiting.changes)
        for some in batched(waiting.dids.values(), AT_ONCE, strict=False):
            await write(
                delete(EntityDidRow).where(col(EntityDidRow.entity_id).in_([each.id for each in some]))
            )
        for some in batched(waiting.dids.values(), AT_ONCE, strict=False):
            await _add_dids(self._session, some)
        if waiting.authorizations:
            await write(insert(AuthorizationRow), waiting.authorizations)
        if waiting.periods:
            await write(insert(PeriodRow), waiting.periods)
        await write(insert(HistoryRow), [_history_values(entry) for entry in waiting.history])
        scheme = update(SchemeRow).where(col(SchemeRow.name) == self._name)
        await write(scheme.values(revision=SchemeRow.revision + len(waiting.history)))

    def _note(self, entry: HistoryEntry) -> None:
        """Let the history entry wait, which counts the change."""
        self._waiting.history.append(entry)


async def _whole(session: AsyncSession, name: str) -> Register:
    # The revision is read first: a change that slips in between is published once more, never missed.
    scheme = await _scheme(session, name)
    newest = await _newest(session)
    rules = _rules(scheme)
    return Register(
        revision=scheme.revision,
        validity=rules.validity,
        four_eyes=rules.four_eyes,
        entities=await _all_entities(session),
        newest=None if newest is None else _issue(newest),
    )


async def _scheme(session: AsyncSession, name: str) -> SchemeRow:
    query = select(SchemeRow).where(col(SchemeRow.name) == name).execution_options(populate_existing=True)
    return (await session.exec(query)).one()


def _rules(row: SchemeRow) -> Rules:
    return Rules(validity=timedelta(seconds=row.validity_seconds), four_eyes=row.four_eyes)


async def _proposal_row(session: AsyncSession, proposal_id: str) -> ProposalRow:
    row = await session.get(ProposalRow, proposal_id)
    if row is None:
        raise ProposalUnknown(f"there is no proposal {proposal_id[:80]!r} here")
    return row


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        edits=edits_from(row.edits),
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        standing=row.standing,
        state=cast("ProposalState", row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )


async def _owned(session: AsyncSession, authorization_id: str) -> tuple[Entity, Authorization]:
    row = await session.get(AuthorizationRow, authorization_id)
    if row is None:
        raise AuthorizationUnknown(f"there is no authorization {authorization_id[:80]!r} here")
    entity = await _entity(session, row.entity_id)
    return entity, next(found for found in entity.authorizations if found.id == authorization_id)


async def _newest(session: AsyncSession) -> IssueRow | None:
    return (await session.exec(select(IssueRow).order_by(col(IssueRow.number).desc()).limit(1))).first()


async def _add_dids(session: AsyncSession, entities: Iterable[Entity]) -> None:
    owned = [(did, position, entity) for entity in entities for position, did in enumerate(entity.dids)]
    for some in batched(owned, AT_ONCE, strict=False):
        rows = [_did_values(*each) for each in some]
        made = await insert_many_once(session, EntityDidRow, rows, col(EntityDidRow.did))
        for did, _, _ in some:
            if did not in made:
                raise DidTaken(
                    f"{did} already stands for an organisation in this register: change that one instead"
                )
            made.remove(did)


async def _entity(session: AsyncSession, entity_id: str) -> Entity:
    [entity] = await _entities_named(session, [entity_id])
    return entity


async def _entities_named(session: AsyncSession, ids: Iterable[str]) -> list[Entity]:
    found: dict[str, Entity] = {}
    ids = list(ids)
    for some in batched(ids, AT_ONCE, strict=False):
        rows = (await session.exec(select(EntityRow).where(col(EntityRow.id).in_(some)))).all()
        found |= {entity.id: entity for entity in await _entities(session, rows)}
    for entity_id in ids:
        if entity_id not in found:
            raise EntityUnknown(f"there is no organisation {entity_id[:80]!r} here")
    return [found[entity_id] for entity_id in ids]


async def _all_entities(session: AsyncSession) -> list[Entity]:
    """Some at a time: between two queries others are answered."""
    found: list[Entity] = []
    query = select(EntityRow).order_by(col(EntityRow.id)).limit(AT_ONCE)
    rows = (await session.exec(query)).all()
    while rows:
        found += await _entities(session, rows)
        rows = (await session.exec(query.where(col(EntityRow.id) > rows[-1].id))).all()
    return found


async def _entities(session: AsyncSession, rows: Iterable[EntityRow]) -> list[Entity]:
    """The organisations of these rows with all they may do, in three queries."""
    rows = list(rows)
    ids = [row.id for row in rows]
    theirs = select(AuthorizationRow.id).where(col(AuthorizationRow.entity_id).in_(ids))
    dids_query = select(EntityDidRow).where(col(EntityDidRow.entity_id).in_(ids))
    granted_query = select(AuthorizationRow).where(col(AuthorizationRow.entity_id).in_(ids))
    periods_query = select(PeriodRow).where(col(PeriodRow.authorization_id).in_(theirs))
    dids: dict[str, list[EntityDidRow]] = defaultdict(list)
    for did in await session.exec(dids_query.order_by(col(EntityDidRow.position))):
        dids[did.entity_id].append(did)
    periods: dict[str, list[StatusPeriod]] = defaultdict(list)
    for period in await session.exec(periods_query.order_by(col(PeriodRow.position))):
        periods[period.authorization_id].append(_period(period))
    granted: dict[str, list[Authorization]] = defaultdict(list)
    for found in await session.exec(granted_query.order_by(col(AuthorizationRow.id))):
        granted[found.entity_id].append(_authorization(found, periods[found.id]))
    return [
        Entity(
            id=row.id,
            names=row.names,
            country=row.country,
            dids=tuple(did.did for did in dids[row.id]),
            did_periods={
                did.did: DidPeriod(since=did.since, until=did.until)
                for did in dids[row.id]
                if did.since is not None or did.until is not None
            },
            external_ids=tuple(row.external_ids),
            authorizations=tuple(granted[row.id]),
        )
        for row in rows
    ]


def _did_values(did: str, position: int, entity: Entity) -> dict[str, object]:
    period = entity.did_periods.get(did, DidPeriod())
    return {
        "did": did,
        "entity_id": entity.id,
        "position": position,
        "since": period.since,
        "until": period.until,
    }


def _entity_values(entity: Entity) -> dict[str, object]:
    return {
        "names": dict(entity.names),
        "country": entity.country,
        "external_ids": list(entity.external_ids),
    }


def _authorization_values(entity_id: str, authorization: Authorization) -> dict[str, object]:
    limit = authorization.highest_level
    return {
        "id": authorization.id,
        "entity_id": entity_id,
        "action": authorization.action,
        "dids": list(authorization.dids),
        "resources": list(authorization.resources),
        "jurisdictions": list(authorization.jurisdictions),
        "highest_framework": limit.framework if limit else None,
        "highest_level": limit.level if limit else None,
        "attributes": list(authorization.attributes),
        "valid_from": authorization.valid_from,
        "valid_to": authorization.valid_to,
        "evidence_url": authorization.evidence_url,
        "evidence_digest": authorization.evidence_digest,
        "delegated_by": authorization.delegated_by,
    }


def _history_values(entry: HistoryEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "entity_id": entry.entity_id,
        "authorization_id": entry.authorization_id,
        "facts": dict(entry.facts),
    }


def _authorization(row: AuthorizationRow, periods: Sequence[StatusPeriod]) -> Authorization:
    limit = None
    if row.highest_framework is not None and row.highest_level is not None:
        limit = Level(framework=row.highest_framework, level=row.highest_level)
    return Authorization(
        id=row.id,
        action=cast("Action", row.action),
        dids=tuple(row.dids),
        resources=tuple(row.resources),
        jurisdictions=tuple(row.jurisdictions),
        highest_level=limit,
        attributes=tuple(row.attributes),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        evidence_url=row.evidence_url,
        evidence_digest=row.evidence_digest,
        delegated_by=row.delegated_by,
        periods=tuple(periods),
    )


def _period(row: PeriodRow) -> StatusPeriod:
    return StatusPeriod(
        status=cast("Status", row.status),
        since=row.since,
        reason=row.reason,
        earlier_awards_stand=row.earlier_awards_stand,
    )


def _period_values(authorization_id: str, position: int, period: StatusPeriod) -> dict[str, object]:
    return {
        "id": f"{authorization_id}/{position}",
        "authorization_id": authorization_id,
        "position": position,
        "status": period.status,
        "since": period.since,
        "reason": period.reason,
        "earlier_awards_stand": period.earlier_awards_stand,
    }


def _issue(row: IssueRow) -> Issue:
    return Issue(**row.model_dump())
