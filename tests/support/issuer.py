"""Fakes of the issuer's ports, held to the same contract tests as the real adapters, and ready-made facts."""

import copy
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import uuid6
from pydantic import JsonValue

from issuer.domain.award import Award, Exchange, Invited, Revoked, SentCredential, Superseded, prepare
from issuer.domain.batch import Batch, Checking, CohortRow, EarlierAward, Preparing, RowState
from issuer.domain.claim import claim_digest, claim_token
from issuer.domain.delivery import ClaimLink, Delivery
from issuer.domain.finding import Wanted, digits_of, folded, name_keys
from issuer.domain.graduate import Graduate, as_cells
from issuer.domain.history import (
    HERS,
    LEARNER,
    SERVICE,
    AwardStage,
    Event,
    What,
    moves,
    stage_of,
    stages_before,
)
from issuer.domain.message import Kind, Message
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.profile import Logo
from issuer.domain.revocation import Revocation
from issuer.domain.same_person import Keys, keys_of
from issuer.domain.suspension import Status, StatusChange, StatusNotice
from issuer.domain.template import Draft, StateName, Template, publish
from issuer.domain.wording import Wording
from issuer.entry.template_json import TemplateJson
from issuer.errors import AgentRefuses, AgentSilent, AwardChanged, UnknownToAgent
from issuer.ports import ExchangeReport, Invitation, Stage
from shared.vc.achievement import AchievementTemplate, build

DATA = Path(__file__).parents[1] / "data"
ORG = "test"
DID = "did:webvh:QmTest:issuer.ujuzi.test:orgs:test"
SECRET = bytes(range(32))
_ROWS = itertools.count(2)  # a batch has each row once
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def programme(key: str = "data-analytics") -> dict[str, Any]:
    """An example programme in the API's words."""
    programmes = json.loads((DATA / "programmes.json").read_text("utf-8"))
    found: dict[str, Any] = next(p for p in programmes if p["key"] == key)
    del found["key"]
    found["verification_level"] = found.pop("verification")
    found["learning_route"] = found.pop("learning")
    return found


def description(key: str = "data-analytics") -> AchievementTemplate:
    """An example programme."""
    return TemplateJson.model_validate(programme(key)).to_domain()


def new_id() -> UUID:
    """A UUIDv7."""
    return UUID(int=uuid6.uuid7().int)


@dataclass
class FakeClock:
    """Stands still until told."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


def published_template(key: str = "data-analytics", organisation: str = ORG) -> Template:
    """An example programme, published."""
    draft = Template(new_id(), organisation, description(key), Draft(), START)
    content = build(draft.description, issuer_did=DID, issuer_name="Test", now=START)
    return publish(draft, f"{DID}/resources/zEdition{key}", content, now=START)


def graduate(**changes: Any) -> Graduate:  # noqa: ANN401 - any field
    """A graduate."""
    facts: dict[str, Any] = {
        "given_name": "Amina",
        "family_name": "Wanjiru",
        "email": "amina@example.org",
        "phone": "",
        "language": "en",
        "awarded_on": date(2026, 3, 1),
        "grade_pct": 88,
        "grade": "",
    }
    return Graduate(**{**facts, **changes})


def prepared_award(template: Template, batch: Batch, **changes: Any) -> Award:  # noqa: ANN401 - any field
    """An award whose learner has not come yet."""
    award_id = new_id()
    award = prepare(
        award_id,
        organisation=batch.organisation,
        batch_id=batch.id,
        template_id=template.id,
        edition_id=batch.edition_id,
        row=next(_ROWS),
        graduate=graduate(),
        identity_salt="a salt of 22 characters",
        claim_digest=claim_digest(claim_token(SECRET, award_id)),
        code_digest=None,
        now=START,
    )
    return replace(award, **changes)


def batch_of(template: Template) -> Batch:
    """A batch of one."""
    return Batch(
        new_id(),
        template.organisation,
        template.id,
        f"{DID}/resources/zEdition",
        1,
        1,
        "utf-8",
        ",",
        (),
        START,
    )


class MemoryRecords:
    """Records in memory; a transaction works on a copy and is kept only when it ends well."""

    def __init__(self) -> None:
        self.kept = MemoryTransaction()

    @property
    def told(self) -> list[tuple[str, dict[str, str]]]:
        return self.kept.told

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["MemoryTransaction"]:
        working = copy.copy(self.kept)
        for name, value in vars(working).items():
            setattr(working, name, copy.copy(value))
        yield working
        self.kept = working

    reading = transaction


@dataclass
class MemoryTransaction:
    """Everything the issuer remembers."""

    all_organisations: dict[str, Organisation] = field(default_factory=dict)
    all_logos: dict[str, Logo] = field(default_factory=dict)
    all_wordings: dict[tuple[str, Kind, str], Wording] = field(default_factory=dict)
    all_definitions: dict[str, Definition] = field(default_factory=dict)
    all_templates: dict[UUID, Template] = field(default_factory=dict)
    all_batches: dict[UUID, Batch] = field(default_factory=dict)
    all_awards: dict[UUID, Award] = field(default_factory=dict)
    all_revocations: dict[UUID, Revocation] = field(default_factory=dict)
    all_messages: list[Message] = field(default_factory=list)
    all_status_changes: dict[tuple[str, str], StatusChange] = field(default_factory=dict)
    all_claim_links: dict[UUID, ClaimLink] = field(default_factory=dict)
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    all_rows: dict[tuple[UUID, int], CohortRow] = field(default_factory=dict)
    all_events: list[tuple[UUID, Event]] = field(default_factory=list)
    all_stages: dict[UUID, AwardStage] = field(default_factory=dict)

    async def organisation(self, slug: str) -> Organisation | None:
        return self.all_organisations.get(slug)

    async def organisations(self, *, after: str | None, limit: int) -> Sequence[Organisation]:
        chosen = sorted(slug for slug in self.all_organisations if after is None or slug > after)
        return [self.all_organisations[slug] for slug in chosen[:limit]]

    async def add_organisation(self, organisation: Organisation) -> bool:
        return self.all_organisations.setdefault(organisation.slug, organisation) is organisation

    async def save_organisation(self, organisation: Organisation) -> None:
        self.all_organisations[organisation.slug] = organisation

    async def save_profile(self, organisation: Organisation) -> None:
        self.all_organisations[organisation.slug] = organisation

    async def logo(self, digest: str) -> Logo | None:
        return next((each for each in self.all_logos.values() if each.digest == digest), None)

    async def save_logo(self, organisation: str, logo: Logo | None) -> None:
        self.all_logos.pop(organisation, None)
        if logo is not None:
            self.all_logos[organisation] = logo

    async def wording(self, organisation: str, kind: Kind, language: str) -> Wording | None:
        return self.all_wordings.get((organisation, kind, language))

    async def wordings(self, organisation: str) -> Mapping[tuple[Kind, str], Wording]:
        return {
            (kind, language): wording
            for (owner, kind, language), wording in self.all_wordings.items()
            if owner == organisation
        }

    async def save_wording(
        self, organisation: str, kind: Kind, language: str, wording: Wording | None
    ) -> None:
        self.all_wordings.pop((organisation, kind, language), None)
        if wording is not None:
            self.all_wordings[organisation, kind, language] = wording

    async def definition(self, organisation: str) -> Definition | None:
        return self.all_definitions.get(organisation)

    async def unfinished_definitions(self) -> Sequence[Definition]:
        return [each for each in self.all_definitions.values() if each.credential_definition_id is None]

    async def save_definition(self, definition: Definition) -> None:
        self.all_definitions[definition.organisation] = definition

    async def template(self, organisation: str, template_id: UUID, *, lock: bool = False) -> Template | None:
        del lock  # one at a time anyway
        return _own(organisation, self.all_templates).get(template_id)

    async def templates(
        self, organisation: str, *, after: UUID | None, limit: int, state: StateName | None = None
    ) -> Sequence[Template]:
        own = _own(organisation, self.all_templates)
        return _page(
            {key: each for key, each in own.items() if state in {None, each.state_name}}, after, limit
        )

    async def newest_templates(
        self, organisation: str, *, before: UUID | None, limit: int, state: StateName | None
    ) -> Sequence[Template]:
        found = await self.templates(organisation, after=None, limit=len(self.all_templates), state=state)
        return [each for each in reversed(found) if before is None or str(each.id) < str(before)][:limit]

    async def editions(self, organisation: str, programme: UUID) -> Sequence[Template]:
        found = await self.templates(organisation, after=None, limit=len(self.all_templates))
        return [each for each in found if each.programme == programme]

    async def delete_template(self, template: Template) -> None:
        del self.all_templates[template.id]

    async def save_template(self, template: Template) -> None:
        self.all_templates[template.id] = template

    async def batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        return _own(organisation, self.all_batches).get(batch_id)

    async def add_batch(self, batch: Batch, awards: Sequence[Award]) -> None:
        self.all_batches[batch.id] = batch
        for award in awards:
            await self.add_award(award)

    async def hold_batch(self, organisation: str, batch_id: UUID) -> Batch | None:
        return await self.batch(organisation, batch_id)

    async def batches(self, organisation: str, *, before: UUID | None, limit: int) -> Sequence[Batch]:
        own = _own(organisation, self.all_batches)
        seen = [own[i] for i in sorted(own, reverse=True) if before is None or i < before]
        return [batch for batch in seen if not isinstance(batch.state, Checking)][:limit]

    async def batches_preparing(self) -> Sequence[Batch]:
        return [batch for batch in self.all_batches.values() if isinstance(batch.state, Preparing)]

    async def unchecked_batches(self, *, before: datetime) -> Sequence[Batch]:
        unchecked = [batch for batch in self.all_batches.values() if isinstance(batch.state, Checking)]
        return [batch for batch in unchecked if batch.created_at < before]

    async def save_batch(self, batch: Batch) -> None:
        self.all_batches[batch.id] = batch

    async def drop_batch(self, batch: Batch) -> None:
        del self.all_batches[batch.id]
        self.all_rows = {key: row for key, row in self.all_rows.items() if key[0] != batch.id}

    async def add_awards(self, awards: Sequence[Award]) -> None:
        for award in awards:
            await self.add_award(award)

    async def add_rows(self, rows: Sequence[CohortRow]) -> None:
        self.all_rows |= {(row.batch_id, row.row): row for row in rows}

    save_rows = add_rows

    async def row(self, organisation: str, batch_id: UUID, row: int) -> CohortRow | None:
        found = self.all_rows.get((batch_id, row))
        return found if found and found.organisation == organisation else None

    async def rows(
        self, organisation: str, batch_id: UUID, *, states: Collection[RowState], after: int, limit: int
    ) -> Sequence[CohortRow]:
        own = [row for row in self._rows_of(batch_id) if row.organisation == organisation]
        return [row for row in own if row.row > after and row.state in states][:limit]

    async def count_rows(self, organisation: str, batch_id: UUID) -> Mapping[RowState, int]:
        own = [row for row in self._rows_of(batch_id) if row.organisation == organisation]
        return Counter(row.state for row in own)

    async def rows_alike(self, batch_id: UUID, keys: Sequence[Keys]) -> Sequence[tuple[int, Keys]]:
        columns = ("by_email", "by_phone", "by_day")
        wanted = {(name, getattr(each, name)) for each in keys for name in columns if getattr(each, name)}
        return [
            (row.row, row.keys)
            for row in self._rows_of(batch_id)
            if not row.left_out and any((name, getattr(row.keys, name)) in wanted for name in columns)
        ]

    async def earlier_awards(
        self, batch: Batch, template_ids: Sequence[UUID], *, after: UUID | None, limit: int
    ) -> Sequence[EarlierAward]:
        standing = {
            i: award
            for i, award in _own(batch.organisation, self.all_awards).items()
            if award.template_id in template_ids
            and award.batch_id != batch.id
            and award.state_name not in {"revoked", "superseded"}
        }
        return [
            EarlierAward(award.id, award.batch_id, keys_of(as_cells(award.graduate)))
            for award in _page(standing, after, limit)
        ]

    def _rows_of(self, batch_id: UUID) -> list[CohortRow]:
        return [row for (of, _), row in sorted(self.all_rows.items()) if of == batch_id]

    async def count_states(self, organisation: str, batch_id: UUID) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for award in _own(organisation, self.all_awards).values():
            if award.batch_id == batch_id:
                counts[award.state_name] = counts.get(award.state_name, 0) + 1
        return counts

    async def award(self, organisation: str, award_id: UUID) -> Award | None:
        return _own(organisation, self.all_awards).get(award_id)

    async def award_by_claim(self, digest: str) -> Award | None:
        return next((a for a in self.all_awards.values() if a.claim_digest == digest), None)

    async def award_by_invitation(self, invitation_msg_id: str) -> Award | None:
        return next((a for a in self.all_awards.values() if _invited_by(a) == invitation_msg_id), None)

    async def award_by_exchange(self, cred_ex_id: str) -> Award | None:
        return next(
            (a for a in self.all_awards.values() if a.exchange and a.exchange.cred_ex_id == cred_ex_id), None
        )

    async def awards(
        self, organisation: str, *, batch_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[Award]:
        chosen = {
            i: a for i, a in _own(organisation, self.all_awards).items() if batch_id in {None, a.batch_id}
        }
        return _page(chosen, after, limit)

    async def awards_of(self, organisation: str, award_ids: Sequence[UUID]) -> Sequence[Award]:
        own = _own(organisation, self.all_awards)
        return [own[one] for one in award_ids if one in own]

    async def awards_in_exchange(self, *, since: datetime | None) -> Sequence[Award]:
        return [
            a
            for a in self.all_awards.values()
            if a.state_name in {"invited", "offered", "accepted"} and (since is None or a.updated_at >= since)
        ]

    async def add_award(self, award: Award) -> None:
        self.all_awards[award.id] = award
        reason = award.reissue.told if award.reissue else ""
        self._happened(award, What(award.state_name), award.created_at, reason)

    async def save_award(self, award: Award) -> None:
        if self.all_awards[award.id].version != award.version:
            raise AwardChanged("changed meanwhile")
        if self.all_awards[award.id].state_name != award.state_name:
            what, state = What(award.state_name), award.state
            if (
                isinstance(state, Superseded)
                and state.by in self.all_awards
                and self.all_awards[state.by].reissue
            ):
                what = What.REISSUED
            reason = state.reason if isinstance(state, Revoked | Superseded) else ""
            self._happened(award, what, award.updated_at, reason)
        self.all_awards[award.id] = replace(award, version=award.version + 1)

    async def revocation(self, revocation_id: UUID) -> Revocation | None:
        return self.all_revocations.get(revocation_id)

    async def revocations_of(self, organisation: str, award_id: UUID) -> Sequence[Revocation]:
        return [r for r in _own(organisation, self.all_revocations).values() if r.award_id == award_id]

    async def unpublished_revocations(self) -> Sequence[Revocation]:
        return [r for r in self.all_revocations.values() if r.published_at is None]

    async def waiting_revocations(self, rev_reg_id: str, *, limit: int) -> Sequence[Revocation]:
        waiting = await self.unpublished_revocations()
        return [each for each in waiting if each.credential.rev_reg_id == rev_reg_id][:limit]

    async def save_revocation(self, revocation: Revocation) -> None:
        place = (revocation.credential.rev_reg_id, revocation.credential.cred_rev_id)
        for known in self.all_revocations.values():
            if (known.credential.rev_reg_id, known.credential.cred_rev_id) == place:
                published = known.published_at or revocation.published_at
                self.all_revocations[known.id] = replace(known, published_at=published)
                return
        self.all_revocations[revocation.id] = revocation

    async def status_change(self, change_id: UUID) -> StatusChange | None:
        return next((one for one in self.all_status_changes.values() if one.id == change_id), None)

    async def status_changes_of(self, award_ids: Sequence[UUID]) -> Mapping[UUID, StatusChange]:
        return {one.award_id: one for one in self.all_status_changes.values() if one.award_id in award_ids}

    async def delivery(self, organisation: str, batch_id: UUID) -> Delivery | None:
        del organisation, batch_id
        return None

    async def save_claim_link(self, link: ClaimLink) -> None:
        self.all_claim_links[link.award_id] = link

    async def add_message(self, message: Message) -> bool:
        same = (message.award_id, message.kind, message.number)
        if same in {(each.award_id, each.kind, each.number) for each in self.all_messages}:
            return False
        self.all_messages.append(message)
        return True

    async def messages_of(self, award_ids: Sequence[UUID]) -> Sequence[Message]:
        return [one for one in self.all_messages if one.award_id in award_ids]

    async def unpublished_status_changes(self) -> Sequence[StatusChange]:
        return [one for one in self.all_status_changes.values() if one.published_at is None]

    async def save_status_change(self, change: StatusChange) -> None:
        self.all_status_changes[change.credential.rev_reg_id, change.credential.cred_rev_id] = change

    async def publish_status_change(self, change_id: UUID, *, at: datetime) -> None:
        for place, one in self.all_status_changes.items():
            if one.id == change_id:
                self.all_status_changes[place] = replace(one, published_at=one.published_at or at)

    async def drop_status_change(self, credential: SentCredential) -> None:
        self.all_status_changes.pop((credential.rev_reg_id, credential.cred_rev_id), None)

    async def claim_link(self, award_id: UUID) -> ClaimLink | None:
        return self.all_claim_links.get(award_id)

    async def claim_links(self, award_ids: Sequence[UUID]) -> Mapping[UUID, ClaimLink]:
        return {one: self.all_claim_links[one] for one in award_ids if one in self.all_claim_links}

    async def note(self, award: Award, what: What, *, at: datetime, reason: str = "") -> bool:
        if moves(what) and self.all_stages[award.id] not in stages_before(what):
            return False
        self._happened(award, what, at, reason, moved=moves(what))
        return True

    def _happened(self, award: Award, what: What, at: datetime, reason: str, *, moved: bool = True) -> None:
        self.all_events.append((award.id, Event(at, what, reason, LEARNER if what in HERS else SERVICE)))
        if moved:
            self.all_stages[award.id] = stage_of(what)

    async def events_of(self, organisation: str, award_id: UUID) -> Sequence[Event]:
        return [
            event
            for of, event in self.all_events
            if of == award_id and of in _own(organisation, self.all_awards)
        ]

    async def stages(self, award_ids: Sequence[UUID]) -> Mapping[UUID, AwardStage]:
        return {one: self.all_stages[one] for one in award_ids if one in self.all_stages}

    async def find_awards(
        self, organisation: str, wanted: Wanted, *, after: UUID | None, limit: int, newest_first: bool
    ) -> Sequence[UUID]:
        found = sorted(
            (
                award.id
                for award in _own(organisation, self.all_awards).values()
                if self._is_wanted(award, wanted)
            ),
            reverse=newest_first,
        )
        return [i for i in found if after is None or (i < after if newest_first else i > after)][:limit]

    def _is_wanted(self, award: Award, wanted: Wanted) -> bool:
        graduate, name = award.graduate, folded(wanted.name)
        return (
            any(key.startswith(name) for key in name_keys(graduate))
            and (not wanted.email or graduate.email.lower() == wanted.email.strip().lower())
            and (
                not wanted.phone
                or (graduate.phone != "" and graduate.phone.endswith(digits_of(wanted.phone)))
            )
            and wanted.stage in {None, self.all_stages[award.id]}
            and wanted.batch_id in {None, award.batch_id}
            and wanted.template_id in {None, award.template_id}
            and (wanted.since is None or award.graduate.awarded_on >= wanted.since)
            and (wanted.until is None or award.graduate.awarded_on <= wanted.until)
        )

    async def tell(self, subject: str, facts: Mapping[str, str]) -> None:
        self.told.append((subject, dict(facts)))


class _Owned(Protocol):
    @property
    def organisation(self) -> str: ...


def _invited_by(award: Award) -> str | None:
    return award.state.invitation_msg_id if isinstance(award.state, Invited) else None


def _own[T: _Owned](organisation: str, things: Mapping[UUID, T]) -> dict[UUID, T]:
    return {i: thing for i, thing in things.items() if thing.organisation == organisation}


def _page[T](things: Mapping[UUID, T], after: UUID | None, limit: int) -> list[T]:
    chosen = sorted(i for i in things if after is None or i > after)
    return [things[i] for i in chosen[:limit]]


class FakeAgent:
    """An agent with the wallets at its other end; each learner's moves are called by the test."""

    def __init__(self) -> None:
        self.connections: dict[str, str] = {}
        self.exchanges: dict[str, ExchangeReport] = {}
        self.offers: list[dict[str, Any]] = []
        self.abandoned: list[str] = []
        self.said_again: list[str] = []
        self.statuses: dict[tuple[str, str], Status] = {}
        self.status_changes: list[tuple[tuple[str, str], Status]] = []
        self.published: dict[tuple[str, str], Status] = {}
        self.republished: list[str] = []
        self.notices: dict[UUID, StatusNotice] = {}
        self.told: list[UUID] = []
        self.unknown: set[str] = set()
        self.unreachable: set[str] = set()
        self.silent = False
        self.silent_about: set[str] = set()
        """Exchanges of which it says nothing in time."""
        self.schemas: dict[str, str] = {}
        self.definitions: dict[str, str] = {}
        self._count = 0

    def _next(self, prefix: str) -> str:
        if self.silent:
            raise AgentSilent("no answer")
        self._count += 1
        return f"{prefix}-{self._count}"

    def connect(self, invitation_msg_id: str) -> str:
        self.connections[invitation_msg_id] = f"connection-by-{invitation_msg_id}"
        return self.connections[invitation_msg_id]

    def move(self, cred_ex_id: str, stage: Stage) -> None:
        self.exchanges[cred_ex_id] = replace(self.exchanges[cred_ex_id], stage=stage)

    async def invite(self, *, award_id: UUID, organisation: str) -> Invitation:
        del award_id, organisation
        msg_id = self._next("invitation")
        return Invitation(msg_id, f"https://issuer.example/i?oob={msg_id}")

    async def connection_for(self, invitation_msg_id: str) -> str | None:
        return self.connections.get(invitation_msg_id)

    async def invitation_of(self, connection_id: str) -> str | None:
        return next((i for i, connection in self.connections.items() if connection == connection_id), None)

    async def exchanges_on(self, connection_id: str) -> Sequence[ExchangeReport]:
        return [e for e in self.exchanges.values() if e.exchange.connection_id == connection_id]

    async def offer(
        self,
        *,
        connection_id: str,
        credential_definition_id: str,
        attributes: Mapping[str, str],
        comment: str,
    ) -> Exchange:
        exchange = Exchange(connection_id, self._next("exchange"))
        self.exchanges[exchange.cred_ex_id] = ExchangeReport(exchange, Stage.OFFERED, None)
        self.offers.append(
            {"attributes": dict(attributes), "definition": credential_definition_id, "comment": comment}
        )
        return exchange

    async def exchange(self, cred_ex_id: str) -> ExchangeReport | None:
        if self.silent or cred_ex_id in self.silent_about:
            raise AgentSilent("no answer")
        return self.exchanges.get(cred_ex_id)

    async def issue(self, cred_ex_id: str) -> SentCredential:
        report = self.exchanges.get(cred_ex_id)
        if report is None:
            raise UnknownToAgent("no such exchange")
        if report.stage is not Stage.REQUESTED:
            raise AgentRefuses("not in state request-received")
        credential = SentCredential(report.exchange, "registry", self._next("").strip("-"))
        self.exchanges[cred_ex_id] = ExchangeReport(report.exchange, Stage.SENT, credential)
        return credential

    async def say_again(self, cred_ex_id: str) -> None:
        self.said_again.append(cred_ex_id)

    async def abandon(self, cred_ex_id: str, reason: str) -> None:
        del reason
        self.abandoned.append(cred_ex_id)
        if cred_ex_id in self.exchanges:
            self.move(cred_ex_id, Stage.ENDED)

    async def make_schema(self, issuer_did: str) -> str:
        if issuer_did not in self.schemas:
            self.schemas[issuer_did] = self._next(f"{issuer_did}/resources/schema")
        return self.schemas[issuer_did]

    async def make_definition(self, issuer_did: str, schema_id: str) -> str:
        del schema_id
        if issuer_did not in self.definitions:
            self.definitions[issuer_did] = self._next(f"{issuer_did}/resources/definition")
        return self.definitions[issuer_did]

    async def set_status(
        self, rev_reg_id: str, cred_rev_ids: Collection[str], status: Status
    ) -> Mapping[str, str]:
        self._next("status")
        refused = {one: "No credential of ours" for one in cred_rev_ids if one in self.unknown}
        for place in [(rev_reg_id, one) for one in cred_rev_ids if one not in refused]:
            before = self.statuses.get(place, Status.VALID)
            if before is Status.REVOKED and status is not Status.REVOKED:
                refused[place[1]] = "revoked, and that is final"
            elif before is not status:
                self.statuses[place] = status
                self.status_changes.append((place, status))
        return refused

    async def tell_status(self, credential: SentCredential, notice: StatusNotice) -> None:
        if credential.exchange.connection_id in self.unreachable:
            raise AgentRefuses("its connection has no usable target")
        self.notices[notice.id] = notice
        self.told.append(notice.id)

    async def republish_status(self, rev_reg_id: str) -> None:
        self.republished.append(rev_reg_id)
        self.published = dict(self.statuses)


class FakePublications:
    """Publishes in memory what its agent published last; `losing` keeps it from arriving."""

    def __init__(self, agent: FakeAgent) -> None:
        self.agent = agent
        self.editions: dict[str, Mapping[str, JsonValue]] = {}
        self.losing = False

    async def ensure_did(self, slug: str) -> str:
        return DID.removesuffix(ORG) + slug

    async def publish_edition(self, did: str, name: str, content: Mapping[str, JsonValue]) -> str:
        del name
        edition_id = f"{did}/resources/z{abs(hash(json.dumps(content, sort_keys=True)))}"
        self.editions[edition_id] = content
        return edition_id

    async def aging_registries(self, did: str, *, before: datetime) -> Sequence[str]:
        del did, before
        return []

    async def listed(self, rev_reg_id: str) -> AbstractSet[str]:
        published = {} if self.losing else self.agent.published
        return {
            number
            for (of, number), status in published.items()
            if of == rev_reg_id and status is not Status.VALID
        }
