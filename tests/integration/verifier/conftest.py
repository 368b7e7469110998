"""Issuers and a learner with real AnonCreds objects, made once: a credential definition takes seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import KeepCopies, WebvhResolver
from shared.ports.turns import OneAtATime
from tests.support.anoncreds_world import DATA_ANALYSIS, HeldCredential, Issuer, Learner, ServedInMemory
from tests.support.verifier_fakes import (
    Clock,
    MemoryAgent,
    MemoryRequests,
    MemorySessions,
    PinnedSnapshots,
    SigningVerifier,
    trusting,
)
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.adapters.webvh_catalogue import WebvhCatalogue
from verifier.adapters.webvh_objects import WebvhObjects
from verifier.domain.request import Answered, Created, Judged, Request, exchange_of
from verifier.domain.requirement import Alternative, Need, Requirement
from verifier.errors import JudgingWaits
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.reconcile import Reconcile
from verifier.use_cases.tidy_up import TidyUp

AWARDED = date(2026, 1, 15)


@dataclass
class World:
    """Two issuers (the second one's credentials cannot be revoked), a learner, and the programme both teach."""

    web: ServedInMemory
    issuer: Issuer
    other: Issuer
    learner: Learner
    edition: str
    other_edition: str

    def credential(self, issuer: Issuer | None = None, **more: Any) -> HeldCredential:  # noqa: ANN401
        """A fresh credential of the issuer's programme, with other values where given."""
        by = issuer or self.issuer
        edition_id = self.edition if by is self.issuer else self.other_edition
        values = by.award(edition_id, by.editions[edition_id], AWARDED) | more
        return by.issue(self.learner, values)

    @contextmanager
    def served(self, url: str, content: bytes) -> Iterator[None]:
        """Serve something else at this address for a while."""
        before = self.web.files[url]
        self.web.files[url] = content
        try:
            yield
        finally:
            self.web.files[url] = before

    @contextmanager
    def away(self, host: str) -> Iterator[None]:
        """The host does not answer for a while."""
        self.web.away.add(host)
        try:
            yield
        finally:
            self.web.away.discard(host)


@pytest.fixture(scope="session")
def world() -> World:
    web = ServedInMemory()
    issuer, other = Issuer(web, "issuer"), Issuer(web, "other", revocable=False)
    edition, other_edition = issuer.publish_edition(), other.publish_edition()
    issuer.republish(int(datetime.now(UTC).timestamp()) - 3600)
    return World(web, issuer, other, Learner(), edition, other_edition)


def resolver_of(
    web: ServedInMemory, clock: Clock | None = None, copies: KeepCopies | None = None
) -> WebvhResolver:
    """A resolver that knows nothing yet but its copies."""
    return WebvhResolver(cast("GuardedClient", web), now=clock or utc_now, copies=copies, away_seconds=0)


@dataclass
class Desk:
    """A verifier over the world's real objects, with an agent and a store in memory."""

    world: World
    clock: Clock
    trust: PinnedSnapshots
    requests: MemoryRequests = field(default_factory=MemoryRequests)
    signer: SigningVerifier = field(default_factory=SigningVerifier)
    agent: MemoryAgent = field(init=False)
    copies: KeepCopies | None = None
    kept_for: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.agent = MemoryAgent(self.clock)
        self.sessions = MemorySessions(self.requests)
        resolver = resolver_of(self.world.web, self.clock, self.copies)
        self.resolver = resolver
        issuers = WebvhCatalogue(resolver, cast("GuardedClient", self.world.web), clock=self.clock)
        together = OneAtATime()
        numbers = count(1)
        self.make = MakeRequest(
            self.requests,
            self.agent,
            issuers,
            self.trust,
            self.sessions,
            origins=["https://jobs.test"],
            new_id=lambda: f"request-{next(numbers):03}",
            clock=self.clock,
        )
        self.ask = AskLearner(
            self.requests,
            self.agent,
            issuers,
            self.trust,
            self.signer,
            name="Jobs",
            clock=self.clock,
            one_at_a_time=together,
        )
        self.look_up = WebvhObjects(resolver)
        self.judge = JudgeAnswer(
            requests=self.requests,
            agent=self.agent,
            look_up=self.look_up,
            check_proof=AnoncredsProof(),
            trust=self.trust,
            signer=self.signer,
            clock=self.clock,
            one_at_a_time=together,
            sessions=self.sessions,
            kept_for=self.kept_for,
        )
        self.tidy_up = TidyUp(self.requests, self.agent, self.judge, clock=self.clock)
        self.reconcile = Reconcile(self.requests, self.agent, self.ask, self.judge, clock=self.clock)

    async def asked(self, requirement: Requirement) -> str:
        """Make a request and send it over a connection; returns the exchange's id."""
        created: Created = await self.make(requirement)
        invitation = created.stated.invitation.message_id
        await self.ask(invitation, f"connection-of-{created.stated.id}")
        asked = await self.requests.find(created.stated.id)
        assert asked is not None
        exchange = exchange_of(asked)
        assert exchange is not None
        return exchange.id

    async def waits(self, exchange_id: str, presentation: object, *, because: str) -> None:
        """The presentation arrives and cannot be judged yet."""
        self.clock.forward(seconds=5)
        self.agent.present(exchange_id, presentation)
        with pytest.raises(JudgingWaits, match=because):
            await self.judge(exchange_id)
        assert isinstance(await self.stored(exchange_id), Answered)

    async def judged(self, exchange_id: str) -> Judged:
        """Judging is tried again."""
        await self.judge(exchange_id)
        judged = await self.stored(exchange_id)
        assert isinstance(judged, Judged), judged
        return judged

    def request_in(self, exchange_id: str) -> dict[str, Any]:
        """The proof request the learner got."""
        return dict(self.agent.records[exchange_id].request)

    async def answered(self, exchange_id: str, presentation: object) -> Judged:
        """The presentation arrives and is judged."""
        self.clock.forward(seconds=5)
        self.agent.present(exchange_id, presentation)
        await self.judge(exchange_id)
        judged = await self.stored(exchange_id)
        assert isinstance(judged, Judged), judged
        return judged

    async def stored(self, exchange_id: str) -> Request:
        """The request asked in this exchange."""
        found = await self.requests.by_exchange(exchange_id)
        assert found is not None
        return found


@pytest.fixture
def desk(world: World) -> Desk:
    """It is an hour after the newest status list, whatever earlier tests published."""
    newest = datetime.fromtimestamp(world.issuer.lists[-1].timestamp, UTC)
    clock = Clock(newest + timedelta(hours=1))
    return Desk(world, clock, PinnedSnapshots((trusting(world.issuer.did),)))


def requirement(**more: Any) -> Requirement:  # noqa: ANN401
    """Data analysis, title and awarding body shown."""
    facts: dict[str, Any] = {
        "purpose": "Application: junior data analyst",
        "needs": (Need((Alternative(DATA_ANALYSIS),)),),
        "reveal": ("title", "awarding_body"),
        "keep_days": 30,
    }
    return Requirement(**(facts | more))


@pytest.fixture(name="requirement")
def _requirement() -> Any:  # noqa: ANN401
    return requirement
