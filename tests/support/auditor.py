"""Reads every store of an exchange at rest and says what does not add up: nothing lost, nothing doubled, nothing left over.

`Auditor` reads, `judge` compares; whoever wants to know what it sees plants a fault in `Stores`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from nats.js.api import ConsumerInfo
from sqlmodel import col, select

from issuer.adapters.sql_tables import AwardRow, RevocationRow, TemplateRow
from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.domain.exchange import AGENT_PARTIES, Ports, postgres_server
from shared.adapters.acapy_client import AcapyClient, in_path
from shared.adapters.jetstream import BusUnavailable, connect, waiting
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import OutboxRow
from shared.contracts.streams import (
    AGENT_EVENTS,
    DIDCOMM_IN,
    DIDCOMM_OUT,
    DIDCOMM_PARKED,
    DIDCOMM_POISON,
    WORK,
)
from tests.support.exchange import RunningExchange
from tests.support.tally import Event, events_ever
from verifier.adapters.sql_requests import RequestRow

_EMPTY_IN_THE_END = (DIDCOMM_IN, DIDCOMM_OUT, WORK, DIDCOMM_PARKED, DIDCOMM_POISON)
_HALFWAY = {"offered", "accepted"}
_TAKEN = {"accepted", "arrived", "stored"}
_ANSWERED = {"answered", "verified", "rejected", "closed"}


@dataclass
class Findings:
    """What was counted, and what is wrong with it."""

    figures: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def must(self, what: str, *, found: object, expected: object) -> None:
        """Complain unless what was found is what was expected."""
        if found != expected:
            self.complaints.append(f"{what}: expected {expected}, found {found}")

    def none(self, what: str, found: Iterable[object]) -> None:
        """Complain of what there should be none of."""
        if listed := list(found):
            self.complaints.append(f"{what}: {listed}")

    def __str__(self) -> str:
        lines = [f"  {name:<48}{value:>6}" for name, value in self.figures.items()]
        return "\n".join(
            [*lines, *(f"  WRONG: {one}" for one in self.complaints), "  all adds up" * (not self.complaints)]
        )


def still_asked(consumers: Sequence[ConsumerInfo]) -> list[ConsumerInfo]:
    """All but those of processes that have ended: such a one goes by itself after some minutes, with what it never took.

    The newest of them is somebody's, whether or not he asks at this moment.
    """
    of_process = [one for one in consumers if one.config.inactive_threshold]
    newest = max((one.name for one in of_process), default=None)
    return [
        one
        for one in consumers
        if not one.config.inactive_threshold or one.name == newest or (one.num_waiting or 0) > 0
    ]


@dataclass(frozen=True)
class Place:
    """A credential in the issuer's agent's register: who took which place in which status list."""

    cred_ex_id: str
    rev_reg_id: str
    cred_rev_id: str
    state: str


@dataclass(frozen=True)
class Wallet:
    """What a learner sees in her open wallet."""

    id: str
    offers: Sequence[Mapping[str, Any]]
    credentials: Sequence[Mapping[str, Any]]
    requests: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Stores:
    """All that an exchange keeps, of which something could be wrong."""

    templates: Sequence[TemplateRow]
    awards: Sequence[AwardRow]
    revocations: Sequence[RevocationRow]
    places: Sequence[Place]
    requests: Sequence[RequestRow]
    wallets: Sequence[Wallet]
    events: Mapping[str, Sequence[Event]]
    """By party."""
    waits: Counter[str]
    """Messages in queues, by place."""


def judge(stores: Stores) -> Findings:
    """Compare the stores with one another."""
    findings = Findings()
    _awards(findings, stores)
    _register(findings, stores)
    _wallets(findings, stores)
    _requests(findings, stores)
    _events(findings, stores)
    findings.figures["messages still waiting, parked or poisoned"] = stores.waits.total()
    findings.none("queues, outboxes or poison that are not empty", stores.waits.items())
    return findings


def _issued(stores: Stores) -> list[AwardRow]:
    return [award for award in stores.awards if award.state == "issued"]


def _awards(findings: Findings, stores: Stores) -> None:
    states = Counter(award.state for award in stores.awards)
    findings.figures |= {f"awards {state}": number for state, number in sorted(states.items())}
    findings.figures["credentials revoked, also as replaced"] = len(stores.revocations)
    findings.none("awards left half-way", (one.id for one in stores.awards if one.state in _HALFWAY))
    findings.none(
        "awards with a credential to be revoked yet", (one.id for one in stores.awards if one.leftovers)
    )
    findings.none(
        "revocations nobody can see", (one.id for one in stores.revocations if one.published_at is None)
    )


def _register(findings: Findings, stores: Stores) -> None:
    """The agent's register of credentials and the awards: one valid credential each, and no other."""
    valid = [
        (one.cred_ex_id, one.rev_reg_id, one.cred_rev_id) for one in stores.places if one.state == "issued"
    ]
    expected = {(str(one.cred_ex_id), str(one.rev_reg_id), str(one.cred_rev_id)) for one in _issued(stores)}
    exchanges = {cred_ex_id for cred_ex_id, _, _ in expected}
    # An agent that dies between taking a place in the status list and keeping the credential takes another one.
    never_sent = [one for one in valid if one not in expected and one[0] in exchanges]
    findings.figures["valid credentials in the agent's register"] = len(valid) - len(never_sent)
    findings.figures["revoked credentials in the agent's register"] = len(stores.places) - len(valid)
    findings.figures["places taken for a credential never sent"] = len(never_sent)
    findings.none("valid credentials of no award", (one for one in valid if one[0] not in exchanges))
    findings.none("awards whose credential the agent does not know", expected - set(valid))


def _wallets(findings: Findings, stores: Stores) -> None:
    accepted = stored = valid = answered = 0
    for wallet in stores.wallets:
        offers = [one for one in wallet.offers if one["state"] in _TAKEN]
        standing = [one for one in wallet.credentials if one["status"]["state"] == "valid"]
        accepted, stored = accepted + len(offers), stored + len(wallet.credentials)
        valid += len(standing)
        answered += sum(one["state"] in _ANSWERED for one in wallet.requests)
        findings.must(
            f"wallet {wallet.id}: each accepted offer is one stored credential",
            found=sorted(one["id"] for one in wallet.credentials),
            expected=sorted(str(one["credential_id"]) for one in offers),
        )
        waiting_still = (one["id"] for one in wallet.requests if one["state"] == "answered")
        findings.none(f"wallet {wallet.id}: answers of which she does not know the verdict", waiting_still)
    findings.figures |= {
        "offers accepted": accepted, "credentials stored": stored, "credentials that are valid": valid,
        "answers given": answered,
    }  # fmt: skip
    findings.must(
        "each issued award is one valid credential in a wallet", found=valid, expected=len(_issued(stores))
    )
    judged = sum(request.state == "judged" for request in stores.requests)
    findings.must("each answer given has one verdict", found=judged, expected=answered)


def _requests(findings: Findings, stores: Stores) -> None:
    states = Counter(request.state for request in stores.requests)
    findings.figures |= {f"requests {state}": number for state, number in sorted(states.items())}
    findings.none("answers without a verdict", (one.id for one in stores.requests if one.state == "answered"))
    answers = Counter(one.answer_digest for one in stores.requests if one.answer_digest is not None)
    findings.none("answers with several verdicts", (digest for digest, times in answers.items() if times > 1))


type Told = tuple[str, str]
"""An event: its subject and whom it is about."""


def _events(findings: Findings, stores: Stores) -> None:
    """Each stored change that has to be announced was announced once, and nothing else was."""
    must: Counter[Told] = Counter()
    may: set[Told] = set()
    for template in stores.templates:
        if template.edition_id is not None:
            must["events.edition.published.v1", template.id] += 1
    anew = {award.id for award in stores.awards if award.reissue is not None}
    for award in stores.awards:
        issued = ("events.credential.issued.v1", award.id)
        match award.state:
            case "issued":
                must[issued] += 1
            case "revoked":
                must["events.award.revoked.v1", award.id] += 1
                may.add(issued)
            case "superseded":
                deed = "reissued" if award.superseded_by in anew else "superseded"
                must[f"events.award.{deed}.v1", award.id] += 1
                may.add(issued)
    for request in stores.requests:
        asked = ("asked",) * (request.exchange_id is not None)
        answered = ("answered",) * (request.state == "judged")
        for state in dict.fromkeys(("created", *asked, *answered, request.state)):
            must[f"events.request.{state}.v1", request.id] += 1

    told = Counter(_told(event) for events in stores.events.values() for event in events)
    for subject in sorted({subject for subject, _ in told}):
        findings.figures[subject] = sum(number for (name, _), number in told.items() if name == subject)
    findings.none("events without a cause", sorted(told.keys() - must.keys() - may))
    findings.none("events told more than once", sorted(one for one, times in told.items() if times > 1))
    findings.none("changes that were never announced", sorted(must.keys() - told.keys()))


def _told(event: Event) -> Told:
    about = next(
        (str(event.facts[name]) for name in ("award_id", "template_id", "request_id") if name in event.facts),
        "nobody",
    )
    return event.subject, about


class Auditor:
    """Audits one exchange; `database` is what `ujuzi up` was told."""

    def __init__(self, exchange: RunningExchange, database: str | None) -> None:
        self._exchange = exchange
        self._database = database
        self._secrets: dict[str, Any] = json.loads((exchange.home / "secrets.json").read_text())

    async def audit(self, learners: Sequence[HttpLearner]) -> Findings:
        """Read everything and judge it. The exchange has come to rest and every wallet is open."""
        return judge(await self.read(learners))

    async def read(self, learners: Sequence[HttpLearner]) -> Stores:
        """All that is kept now. Every wallet is open."""
        async with Database(self.url("issuer")) as db, db.reading() as session:
            templates = (await session.exec(select(TemplateRow))).all()
            awards = (await session.exec(select(AwardRow))).all()
            revocations = (await session.exec(select(RevocationRow))).all()
        async with Database(self.url("verifier")) as db, db.reading() as session:
            requests = (await session.exec(select(RequestRow))).all()
        where = (self._exchange.home, self._exchange.endpoints["nats"])
        return Stores(
            templates=templates,
            awards=awards,
            revocations=revocations,
            places=await self._places(),
            requests=requests,
            wallets=[await _wallet(learner) for learner in learners],
            events={party: await events_ever(*where, party) for party in AGENT_PARTIES},
            waits=await self.what_waits(),
        )

    async def what_waits(self) -> Counter[str]:
        """Count by place what is still to be worked off."""
        waits: Counter[str] = Counter()
        for party in AGENT_PARTIES:
            async with Database(self.url(party)) as db, db.reading() as session:
                waits[f"{party} outbox"] = len((await session.exec(select(OutboxRow.id))).all())
            try:
                client = await connect(
                    self._exchange.endpoints["nats"], party, self._secrets["nats_passwords"][party]
                )
            except BusUnavailable:
                waits["nats"] += 1
                continue
            try:
                js = client.jetstream()
                for stream in _EMPTY_IN_THE_END:
                    waits[f"{party} {stream.name}"] = await waiting(js, stream, stream.subjects[0])
                for consumer in still_asked(await js.consumers_info(AGENT_EVENTS.name)):
                    waits[f"{party} {consumer.name}"] = (consumer.num_pending or 0) + (
                        consumer.num_ack_pending or 0
                    )
            finally:
                await client.close()
        async with Database(self.url("issuer")) as db, db.reading() as session:
            halfway = col(AwardRow.state).in_(_HALFWAY)
            waits["awards half-way"] = len((await session.exec(select(AwardRow.id).where(halfway))).all())
            unpublished = col(RevocationRow.published_at).is_(None)
            waits["revocations"] = len(
                (await session.exec(select(RevocationRow.id).where(unpublished))).all()
            )
        async with Database(self.url("verifier")) as db, db.reading() as session:
            answered = col(RequestRow.state) == "answered"
            waits["answers"] = len((await session.exec(select(RequestRow.id).where(answered))).all())
        return +waits

    def url(self, program: str) -> str:
        """Where a program keeps its database."""
        if self._database is None:
            return f"sqlite:///{self._exchange.home / program / 'service.db'}"
        return postgres_server(self._database).url(program)

    async def _places(self) -> list[Place]:
        found: list[Place] = []
        async with self._agent("issuer") as agent:
            for registry in (await agent.get("/anoncreds/revocation/registries"))["rev_reg_ids"]:
                path = f"/anoncreds/revocation/registry/{in_path(registry)}/issued/details"
                found += [
                    Place(one["cred_ex_id"], registry, str(one["cred_rev_id"]), one["state"])
                    for one in await agent.get(path)
                ]
        return found

    def _agent(self, party: str) -> AcapyClient:
        base = urlsplit(self._exchange.endpoints["issuer"]).port or 0
        port = Ports(base).all()[f"{party}-agent"]
        return AcapyClient(f"http://127.0.0.1:{port}", self._secrets["agent_keys"][party])


async def _wallet(learner: HttpLearner) -> Wallet:
    return Wallet(
        str(learner.wallet_id),
        await learner.offers(),
        await learner.credentials(),
        await learner.requests(),
    )
