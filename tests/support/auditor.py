"""Reads every store of a running exchange and says what does not add up: nothing lost, nothing doubled, nothing left over."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import col, select

from issuer.adapters.sql_tables import AwardRow, RevocationRow
from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.domain.exchange import AGENT_PARTIES, Ports, postgres_server
from shared.adapters.acapy_client import AcapyClient, in_path
from shared.adapters.jetstream import BusUnavailable, connect
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
from tests.support.tally import announced
from verifier.adapters.sql_requests import RequestRow

_EMPTY_IN_THE_END = (DIDCOMM_IN, DIDCOMM_OUT, WORK, DIDCOMM_PARKED, DIDCOMM_POISON)
_OFFERS_TAKEN = {"accepted", "arrived", "stored"}


@dataclass
class Findings:
    """What was counted, and what is wrong with it."""

    figures: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def must(self, what: str, *, found: object, expected: object) -> None:
        """Complain unless what was found is what was expected."""
        if found != expected:
            self.complaints.append(f"{what}: expected {expected}, found {found}")

    def __str__(self) -> str:
        lines = [f"  {name:<48}{value:>6}" for name, value in self.figures.items()]
        return "\n".join(
            [*lines, *(f"  WRONG: {one}" for one in self.complaints), "  all adds up" * (not self.complaints)]
        )


class Auditor:
    """Audits one exchange; `database` is what `ujuzi up` was told."""

    def __init__(self, exchange: RunningExchange, database: str | None) -> None:
        self._exchange = exchange
        self._database = database
        self._secrets: dict[str, Any] = json.loads((exchange.home / "secrets.json").read_text())

    async def what_waits(self) -> Counter[str]:
        """Count by place what is still to be worked off."""
        waits: Counter[str] = Counter()
        for party in AGENT_PARTIES:
            async with Database(self._url(party)) as db, db.reading() as session:
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
                    waits[f"{party} {stream.name}"] = (await js.stream_info(stream.name)).state.messages
                for consumer in await js.consumers_info(AGENT_EVENTS.name):
                    waits[f"{party} {consumer.name}"] = (consumer.num_pending or 0) + (
                        consumer.num_ack_pending or 0
                    )
            finally:
                await client.close()
        async with Database(self._url("issuer")) as db, db.reading() as session:
            halfway = col(AwardRow.state).in_(["offered", "accepted"])
            waits["awards half-way"] = len((await session.exec(select(AwardRow.id).where(halfway))).all())
            unpublished = col(RevocationRow.published_at).is_(None)
            waits["revocations"] = len(
                (await session.exec(select(RevocationRow.id).where(unpublished))).all()
            )
        async with Database(self._url("verifier")) as db, db.reading() as session:
            answered = col(RequestRow.state) == "answered"
            waits["answers"] = len((await session.exec(select(RequestRow.id).where(answered))).all())
        return +waits

    async def audit(self, learners: Sequence[HttpLearner]) -> Findings:
        """Read everything. The exchange has come to rest and every wallet is open."""
        findings = Findings()
        issued = await self._awards(findings)
        await self._issuer_agent(findings, issued)
        await self._wallets(findings, learners, len(issued))
        await self._requests(findings)
        waits = await self.what_waits()
        findings.figures["messages still waiting, parked or poisoned"] = waits.total()
        findings.must("queues, outboxes and poison are empty", found=dict(waits), expected={})
        return findings

    async def _awards(self, findings: Findings) -> list[AwardRow]:
        async with Database(self._url("issuer")) as db, db.reading() as session:
            awards = (await session.exec(select(AwardRow))).all()
            revocations = (await session.exec(select(RevocationRow))).all()
        states = Counter(award.state for award in awards)
        findings.figures |= {f"awards {state}": number for state, number in sorted(states.items())}
        findings.figures["credentials revoked as replaced"] = len(revocations)
        issued = [award for award in awards if award.state == "issued"]
        halfway = [award.id for award in awards if award.state in {"offered", "accepted"}]
        findings.must("awards left half-way", found=halfway, expected=[])
        leftovers = [award.id for award in issued if award.leftovers]
        findings.must("awards with a credential to be revoked yet", found=leftovers, expected=[])
        unpublished = [one.id for one in revocations if one.published_at is None]
        findings.must("revocations nobody can see", found=unpublished, expected=[])
        told = await self._announced("issuer", "events.credential.issued.v1", "award_id")
        findings.figures["events that a credential was issued"] = told.total()
        findings.must(
            "one event for each issued award", found=told, expected=Counter(award.id for award in issued)
        )
        return issued

    async def _issuer_agent(self, findings: Findings, issued: Sequence[AwardRow]) -> None:
        """Compare the agent's register of credentials with the awards: one valid credential each, and no other."""
        valid: list[tuple[str, str, str]] = []
        revoked = 0
        async with self._agent("issuer") as agent:
            registries = (await agent.get("/anoncreds/revocation/registries"))["rev_reg_ids"]
            for registry in registries:
                path = f"/anoncreds/revocation/registry/{in_path(registry)}/issued/details"
                for record in await agent.get(path):
                    if record["state"] == "issued":
                        valid.append((record["cred_ex_id"], registry, str(record["cred_rev_id"])))
                    else:
                        revoked += 1
        expected = {(str(one.cred_ex_id), str(one.rev_reg_id), str(one.cred_rev_id)) for one in issued}
        exchanges = {cred_ex_id for cred_ex_id, _, _ in expected}
        # An agent that dies between taking a place in the status list and keeping the credential takes another one.
        never_sent = [one for one in valid if one not in expected and one[0] in exchanges]
        orphans = [one for one in valid if one[0] not in exchanges]
        findings.figures["valid credentials in the agent's register"] = len(valid) - len(never_sent)
        findings.figures["revoked credentials in the agent's register"] = revoked
        findings.figures["places taken for a credential never sent"] = len(never_sent)
        findings.must("valid credentials of no award", found=orphans, expected=[])
        findings.must(
            "awards whose credential the agent does not know", found=expected - set(valid), expected=set()
        )

    async def _wallets(self, findings: Findings, learners: Sequence[HttpLearner], issued: int) -> None:
        accepted = stored = valid = 0
        for learner in learners:
            offers = [one for one in await learner.offers() if one["state"] in _OFFERS_TAKEN]
            credentials = await learner.credentials()
            standing = [one for one in credentials if one["status"]["state"] == "valid"]
            accepted, stored, valid = accepted + len(offers), stored + len(credentials), valid + len(standing)
            findings.must(
                f"wallet {learner.wallet_id}: each accepted offer is one stored credential",
                found=sorted(one["id"] for one in credentials),
                expected=sorted(str(one["credential_id"]) for one in offers),
            )
            answered = [one["id"] for one in await learner.requests() if one["state"] == "answered"]
            findings.must(
                f"wallet {learner.wallet_id}: answers without a verdict", found=answered, expected=[]
            )
        findings.figures |= {
            "offers accepted": accepted, "credentials stored": stored, "credentials that are valid": valid,
        }  # fmt: skip
        findings.must("each issued award is one valid credential in a wallet", found=valid, expected=issued)

    async def _requests(self, findings: Findings) -> None:
        async with Database(self._url("verifier")) as db, db.reading() as session:
            requests = (await session.exec(select(RequestRow))).all()
        states = Counter(request.state for request in requests)
        findings.figures |= {f"requests {state}": number for state, number in sorted(states.items())}
        without = [request.id for request in requests if request.state == "answered"]
        findings.must("answers without a verdict", found=without, expected=[])
        told = await self._announced("verifier", "events.request.judged.v1", "request_id")
        findings.figures["events that an answer was judged"] = told.total()
        judged = Counter(request.id for request in requests if request.state == "judged")
        findings.must("one event for each verdict", found=told, expected=judged)

    async def _announced(self, party: str, subject: str, about: str) -> Counter[str]:
        return await announced(self._exchange.home, self._exchange.endpoints["nats"], party, subject, about)

    def _url(self, program: str) -> str:
        if self._database is None:
            return f"sqlite:///{self._exchange.home / program / 'service.db'}"
        return postgres_server(self._database).url(program)

    def _agent(self, party: str) -> AcapyClient:
        base = urlsplit(self._exchange.endpoints["issuer"]).port or 0
        port = Ports(base).all()[f"{party}-agent"]
        return AcapyClient(f"http://127.0.0.1:{port}", self._secrets["agent_keys"][party])
