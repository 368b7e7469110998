"""The table of attacks and mishaps: who tries what, which step notices, what comes of it, and the reason given.

Steps 1 to 7 are those of verifier/domain/judge.py; credentials, proofs, lists and DID logs are real. `list` is the taking
of a trust list, `request` the wallet's look at who asks, `receipt` the check of a receipt. docs/security.md shows the table.
"""

import copy
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.signed_request import RECEIPT_JWS_TYPE, REQUEST_JWS_TYPE
from shared.ports.trust_pins import TrustPin
from shared.vc import jws
from shared.vc.attested_resource import CRED_DEF, REV_REG_DEF, STATUS_LIST, attest, link_to
from shared.vc.jcs import digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.receipt import ReceiptInvalid, open_receipt
from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from shared.vc.trust_list import Authorization, Level, StatusPeriod, TrustList
from shared.vc.trust_list_form import open_list, sign_list
from shared.vc.webvh import (
    DidHistory,
    DidLog,
    create_log,
    did_to_url,
    replace_keys,
    resource_to_url,
    rotate,
    verification_method,
    verify_log,
)
from tests.integration.verifier.conftest import AWARDED, Desk, World, requirement
from tests.support.anoncreds_world import DATA_ANALYSIS, DATA_ANALYTICS, FIRST_AID, HeldCredential, StatusList
from tests.support.copies import MemoryCopies
from tests.support.verifier_fakes import Clock
from tests.support.wallet_fakes import MemoryStore, a_desk, a_wallet
from tests.unit.trust.fakes import MemoryTrustPins, Web
from tests.unit.trust.lists import authorization, period, trust_list
from tests.unit.wallet.test_answering import ASKED, payload
from verifier.domain.levels import LevelAsked
from verifier.domain.request import JUDGING_WAITS, Judged
from verifier.domain.requirement import Alternative, Need, Policy
from verifier.domain.verdict import Outcome, Result
from verifier.errors import JudgingWaits
from wallet.adapters.webvh_facts import WebvhFacts
from wallet.domain.request import RequestExchange, RequestState
from wallet.domain.requester import Proven, Unproven
from wallet.use_cases.read_request import read_request

DOCUMENT = Path(__file__).parents[3] / "docs" / "security.md"
LIST_URL = "https://registry.ujuzi.test/lists/demo"


@dataclass(frozen=True)
class Found:
    """What came of it: the result, and the reason the step gave."""

    outcome: str
    reason: str


@dataclass(frozen=True)
class Attack:
    """One line of the table; `reason` is part of the reason that the step gives."""

    what: str
    step: str
    outcome: str
    reason: str
    play: "Play"

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.what.lower()).strip("-")


type Play = Callable[["Stage"], Awaitable["Found | Judged"]]


# --- the stage: a verifier, a trust registry, a learner


@dataclass
class Authority:
    """A trust registry: its keys, its DID, what it serves, and a party that has pinned its list."""

    clock: Clock
    web: Web = field(default_factory=Web)
    key: SigningKey = field(default_factory=SigningKey.generate)
    next_key: SigningKey = field(default_factory=SigningKey.generate)
    number: int = 0

    def __post_init__(self) -> None:
        self.log = create_log(
            host="registry.ujuzi.test",
            path=("authority",),
            key=self.key,
            next_key=self.next_key,
            now=self.clock() - timedelta(days=1),
        )
        self.lists = TrustSnapshots(self.web, MemoryTrustPins(), self, clock=self.clock)

    async def history(self, did: str, *, fresh: bool = False) -> DidHistory:
        assert fresh
        return verify_log(did, self.log.jsonl, max_entries=9, now=self.clock())

    def listing(self, *authorizations: Authorization, **changes: Any) -> TrustList:  # noqa: ANN401
        """The next issue, an hour old and good for a day."""
        self.number += 1
        facts = {
            "sequence": self.number,
            "issued": self.clock() - timedelta(hours=1),
            "next_update": self.clock() + timedelta(days=1),
        }
        return trust_list(*authorizations, **(facts | changes))

    def signed(self, listing: TrustList, *, by: SigningKey | None = None) -> str:
        key = by or self.key
        return sign_list(listing, key=key, kid=verification_method(self.log.did, key))

    async def pinned(self, listing: TrustList) -> None:
        """The list is published, pinned and fetched."""
        self.web.pages[LIST_URL] = self.signed(listing)
        await self.lists.pin(TrustPin(url=LIST_URL, name="demo", operator_key=self.key.multikey))

    async def serves(self, compact: str) -> Snapshot:
        """Something is served at the list's address, and fetched."""
        self.web.pages[LIST_URL] = compact
        return await self.lists.refresh(LIST_URL)


@dataclass
class Stage:
    """Where an attack is played."""

    world: World
    clock: Clock

    def __post_init__(self) -> None:
        self.authority = Authority(self.clock)
        self.desk = self.another_desk()

    def another_desk(self) -> Desk:
        """A verifier that judges by the authority's list and has asked nothing yet."""
        return Desk(self.world, self.clock, cast("Any", self.authority.lists))

    def forget_what_was_resolved(self) -> None:
        """The same verifier after a restart; what it keeps of what was published is there."""
        before = self.desk
        self.desk = Desk(
            self.world,
            self.clock,
            before.trust,
            before.requests,
            copies=before.copies,
            kept_for=before.kept_for,
        )
        self.desk.agent.records.update(before.agent.records)

    async def keeping(self, held: HeldCredential | None = None, *, hours: int = 24) -> None:
        """The verifier keeps what it sees, for hosts that are away so many hours, and has judged an answer."""
        self.desk.copies, self.desk.kept_for = MemoryCopies(), timedelta(hours=hours)
        self.forget_what_was_resolved()
        assert (await self.presented(held)).verdict.result is Result.ACCEPTED
        self.forget_what_was_resolved()

    def away(self) -> AbstractContextManager[None]:
        """The issuer's host does not answer."""
        return self.world.away("issuer.ujuzi.test")

    @property
    def now(self) -> datetime:
        return self.clock()

    def granted(self, *later: StatusPeriod, **changes: Any) -> Authorization:  # noqa: ANN401
        """The issuer may issue everything since 2025, unless changed."""
        return authorization(*later, **({"dids": (self.world.issuer.did,)} | changes))

    async def trusting(self, *authorizations: Authorization, **changes: Any) -> None:  # noqa: ANN401
        """A list of these authorizations is pinned; without any, the issuer's."""
        await self.authority.pinned(self.authority.listing(*(authorizations or (self.granted(),)), **changes))

    async def asked(self, **more: Any) -> str:  # noqa: ANN401
        """A request is made and sent."""
        if not self.authority.lists.snapshots():
            await self.trusting()
        return await self.desk.asked(requirement(**more))

    def answer(
        self,
        exchange: str,
        held: HeldCredential | None = None,
        *,
        request: dict[str, Any] | None = None,
        hide: tuple[str, ...] = (),
        status: StatusList | None = None,
    ) -> dict[str, Any]:
        """What a wallet presents; `request` is what it pretends was asked."""
        asked = request or self.desk.request_in(exchange)
        credential = held or self.world.credential()
        choices = dict.fromkeys((*asked["requested_attributes"], *asked["requested_predicates"]), credential)
        return self.world.learner.present(asked, choices, hide=hide, status=status)

    async def judged(self, exchange: str, presentation: object) -> Judged:
        """It arrives and is judged; where something is away, after waiting for it in vain."""
        try:
            return await self.desk.answered(exchange, presentation)
        except JudgingWaits:
            self.clock.forward(seconds=JUDGING_WAITS.total_seconds() + 1)
            return await self.desk.judged(exchange)

    async def presented(self, held: HeldCredential | None = None, **more: Any) -> Judged:  # noqa: ANN401
        """An honest wallet answers an ordinary request."""
        exchange = await self.asked(**more)
        return await self.judged(exchange, self.answer(exchange, held))


def changed_request(desk: Desk, exchange: str) -> dict[str, Any]:
    return copy.deepcopy(desk.request_in(exchange))


# --- step 1: it answers this request


async def replayed(stage: Stage) -> Judged:
    first, second = await stage.asked(), await stage.asked()
    presentation = stage.answer(first)
    await stage.judged(first, presentation)
    return await stage.judged(second, presentation)


async def late(stage: Stage) -> Judged:
    exchange = await stage.asked(expires_in=timedelta(hours=1))
    presentation = stage.answer(exchange)
    stage.clock.forward(seconds=3601)
    return await stage.judged(exchange, presentation)


async def at_the_last_second(stage: Stage) -> Judged:
    exchange = await stage.asked(expires_in=timedelta(hours=1))
    presentation = stage.answer(exchange)
    stage.clock.forward(seconds=3595)
    return await stage.judged(exchange, presentation)


def moved(**changes: str) -> Play:
    async def play(stage: Stage) -> Judged:
        exchange = await stage.asked()
        record = stage.desk.agent.records[exchange]
        presentation = stage.answer(exchange)
        stage.desk.agent.records[exchange] = replace(record, exchange=replace(record.exchange, **changes))
        return await stage.judged(exchange, presentation)

    return play


async def request_swapped(stage: Stage) -> Judged:
    exchange = await stage.asked()
    easier = changed_request(stage.desk, exchange)
    easier["requested_attributes"]["need_0"]["names"] = ["title"]
    record = stage.desk.agent.records[exchange]
    stage.desk.agent.records[exchange] = replace(record, request=easier)
    return await stage.judged(exchange, stage.answer(exchange, request=easier))


# --- step 2: what it refers to is the issuer's


def served(url_of: Callable[[Stage], str], made: Callable[[Stage, bytes], bytes]) -> Play:
    async def play(stage: Stage) -> Judged:
        exchange = await stage.asked()
        presentation = stage.answer(exchange)
        stage.forget_what_was_resolved()
        url = url_of(stage)
        with stage.world.served(url, made(stage, stage.world.web.files[url])):
            return await stage.judged(exchange, presentation)

    return play


def definition_url(stage: Stage) -> str:
    return resource_to_url(stage.world.issuer.definition_id)


def edition_url(stage: Stage) -> str:
    return resource_to_url(stage.world.edition)


def log_url(stage: Stage) -> str:
    return did_to_url(stage.world.issuer.did)


def content_changed(_: Stage, served_now: bytes) -> bytes:
    resource = json.loads(served_now)
    resource["content"]["name" if "name" in resource["content"] else "tag"] = "other"
    return json.dumps(resource).encode()


def signed_by_another(stage: Stage, served_now: bytes) -> bytes:
    issuer, other = stage.world.issuer, stage.world.other
    resource = attest(
        did=issuer.did, content=json.loads(served_now)["content"], resource_type=CRED_DEF, name="test", key=other.key,
        verification_method=verification_method(other.did, other.key), created=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return json.dumps(resource).encode()


def another_object(stage: Stage, _: bytes) -> bytes:
    return stage.world.web.files[resource_to_url(stage.world.issuer.schema_id)]


def log_entry_changed(_: Stage, served_now: bytes) -> bytes:
    entry = json.loads(served_now)
    entry["state"]["service"] = []
    return json.dumps(entry).encode()


def log_then(later: Callable[[DidLog, SigningKey, datetime], DidLog]) -> Play:
    """The verifier has seen a log of two versions; then the host serves another."""

    async def play(stage: Stage) -> Judged:
        issuer = stage.world.issuer
        url = did_to_url(issuer.did)
        first = DidLog(issuer.did, tuple(stage.world.web.files[url].decode().splitlines()))
        exchange = await stage.asked()
        presentation = stage.answer(exchange)
        stage.forget_what_was_resolved()
        longer = one_more(first, issuer.key, stage.now - timedelta(days=9))
        with stage.world.served(url, longer.jsonl.encode()):
            await stage.desk.look_up.edition(stage.world.edition)
        with stage.world.served(url, later(first, issuer.key, stage.now).jsonl.encode()):
            return await stage.judged(exchange, presentation)

    return play


def one_more(log: DidLog, key: SigningKey, now: datetime) -> DidLog:
    return replace_keys(log, key=key, signer=key, next_key=None, now=now)


def truncated(first: DidLog, _key: SigningKey, _now: datetime) -> DidLog:
    return first


def forked(first: DidLog, key: SigningKey, now: datetime) -> DidLog:
    return one_more(first, key, now - timedelta(days=3))


async def edition_of_another(stage: Stage) -> Judged:
    return await stage.presented(stage.world.credential(achievement_id=stage.world.other_edition))


async def body_of_another(stage: Stage) -> Judged:
    return await stage.presented(stage.world.credential(awarding_body_id=stage.world.other.did))


async def another_title(stage: Stage) -> Judged:
    return await stage.presented(stage.world.credential(title="Brain surgery"))


def identifier(change: Callable[[Stage], Mapping[str, object]]) -> Play:
    """The presentation names another object than the one it was made over."""

    async def play(stage: Stage) -> Judged:
        exchange = await stage.asked()
        presentation = stage.answer(exchange)
        presentation["identifiers"][0].update(change(stage))
        return await stage.judged(exchange, presentation)

    return play


def foreign_registry(stage: Stage) -> dict[str, object]:
    """Another DID publishes a registry and a status list over the issuer's definition, in which nobody is revoked."""
    other, used = stage.world.other, stage.world.issuer.lists[-1]
    content = stage.world.issuer.registry_content | {"issuerId": other.did}
    registry_id = other.publish(REV_REG_DEF, content, links=[])["id"]
    listed = other.publish(STATUS_LIST, used.content | {"issuerId": other.did, "revRegDefId": registry_id})
    other.publish(REV_REG_DEF, content, links=[link_to(listed, used.timestamp)])
    return {"rev_reg_id": registry_id}


async def host_away(stage: Stage) -> Judged:
    exchange = await stage.asked()
    presentation = stage.answer(exchange)
    stage.forget_what_was_resolved()
    stage.world.web.away.add("issuer.ujuzi.test")
    try:
        return await stage.judged(exchange, presentation)
    finally:
        stage.world.web.away.clear()


# --- steps 3 and 4: the proof, and what it shows


async def for_another_request(stage: Stage) -> Judged:
    first, second = await stage.asked(), await stage.asked()
    return await stage.judged(second, stage.answer(first))


async def for_another_verifier(stage: Stage) -> Judged:
    exchange, there = await stage.asked(), stage.another_desk()
    request = there.request_in(await there.asked(requirement()))
    return await stage.judged(exchange, stage.answer(exchange, request=request))


def tampered(change: Callable[[dict[str, Any]], object]) -> Play:
    async def play(stage: Stage) -> Judged:
        exchange = await stage.asked()
        presentation = copy.deepcopy(stage.answer(exchange))
        change(presentation)
        return await stage.judged(exchange, presentation)

    return play


def as_if_asked(change: Callable[[dict[str, Any]], object], **more: Any) -> Play:  # noqa: ANN401
    """The wallet answers an easier request than the one it got, with the same nonce."""

    async def play(stage: Stage) -> Judged:
        exchange = await stage.asked(**more)
        easier = changed_request(stage.desk, exchange)
        change(easier)
        return await stage.judged(exchange, stage.answer(exchange, request=easier))

    return play


def value_changed(presentation: dict[str, Any]) -> None:
    presentation["requested_proof"]["revealed_attr_groups"]["need_0"]["values"]["title"]["raw"] = "Surgery"


def proof_changed(presentation: dict[str, Any]) -> None:
    presentation["proof"]["aggregated_proof"]["c_hash"] = "1"


def self_attested(presentation: dict[str, Any]) -> None:
    presentation["requested_proof"]["self_attested_attrs"] = {"need_0": "Brain surgery"}


def names(*kept: str) -> Callable[[dict[str, Any]], None]:
    def change(request: dict[str, Any]) -> None:
        request["requested_attributes"]["need_0"]["names"] = list(kept)

    return change


def weaker(request: dict[str, Any]) -> None:
    request["requested_predicates"]["need_0_expiry_dateint"]["p_value"] = 20200101


def another_attribute(request: dict[str, Any]) -> None:
    request["requested_predicates"]["need_0_expiry_dateint"]["name"] = "eqf_level"
    request["requested_predicates"]["need_0_expiry_dateint"]["p_value"] = 1


def without_predicates(request: dict[str, Any]) -> None:
    request["requested_predicates"] = {}


NOT_EXPIRED = Need((Alternative(DATA_ANALYSIS),), not_expired=True)


async def revoked(stage: Stage) -> Judged:
    held = stage.world.credential()
    stage.world.issuer.revoke(held, int(stage.now.timestamp()) - 60)
    return await stage.presented(held)


async def no_presentation(stage: Stage) -> Judged:
    return await stage.judged(await stage.asked(), {"proof": []})


async def hidden(stage: Stage) -> Judged:
    exchange = await stage.asked()
    return await stage.judged(exchange, stage.answer(exchange, hide=("need_0",)))


async def mixed(stage: Stage) -> Judged:
    exchange = await stage.asked(needs=(NOT_EXPIRED,))
    choices = {"need_0": stage.world.credential(), "need_0_expiry_dateint": stage.world.credential()}
    return await stage.judged(exchange, stage.world.learner.present(stage.desk.request_in(exchange), choices))


# --- step 5: the status list


async def old_status(stage: Stage) -> Judged:
    held, before = stage.world.credential(), stage.world.issuer.lists[-1]
    stage.world.issuer.revoke(held, int(stage.now.timestamp()) - 60)
    exchange = await stage.asked()
    return await stage.judged(exchange, stage.answer(exchange, held, status=before))


async def status_published_meanwhile(stage: Stage) -> Judged:
    exchange = await stage.asked()
    presentation = stage.answer(exchange)
    stage.world.issuer.republish(int(stage.now.timestamp()) + 2)
    return await stage.judged(exchange, presentation)


async def status_too_old(stage: Stage) -> Judged:
    return await stage.presented(policy=Policy(status_max_age=timedelta(minutes=1)))


async def status_left_out(stage: Stage) -> Judged:
    return await stage.presented(replace(stage.world.credential(), index=None))


async def irrevocable(stage: Stage) -> Judged:
    await stage.trusting(stage.granted(dids=(stage.world.other.did,)))
    return await stage.presented(stage.world.credential(stage.world.other))


# --- hosts that are away


def host_away_after(hours: int, *, kept: int = 24, policy: Policy | None = None) -> Play:
    """The issuer's host was heard so many hours ago."""

    async def play(stage: Stage) -> Judged:
        await stage.keeping(hours=kept)
        stage.clock.forward(hours=hours)
        with stage.away():
            return await stage.presented(policy=policy or Policy())

    return play


async def replaced_list_while_away(stage: Stage) -> Judged:
    held = stage.world.credential()
    before = stage.world.issuer.lists[-1]
    stage.world.issuer.revoke(held, int(stage.now.timestamp()) - 60)
    await stage.keeping()
    with stage.away():
        exchange = await stage.asked()
        return await stage.judged(exchange, stage.answer(exchange, held, status=before))


async def revoked_unseen(stage: Stage) -> Judged:
    """Nobody here can know of it; the verdict does not say that it does."""
    held = stage.world.credential()
    await stage.keeping(held)
    before = stage.world.issuer.lists[-1]
    stage.clock.forward(hours=1)
    stage.world.issuer.revoke(held, int(stage.now.timestamp()) - 60)
    with stage.away():
        exchange = await stage.asked()
        return await stage.judged(exchange, stage.answer(exchange, held, status=before))


async def list_unseen(stage: Stage) -> Judged:
    await stage.keeping()
    stage.clock.forward(hours=1)
    stage.world.issuer.republish(int(stage.now.timestamp()) - 60)
    with stage.away():
        return await stage.presented()


async def log_shortened_over_a_restart(stage: Stage) -> Judged:
    issuer = stage.world.issuer
    url = did_to_url(issuer.did)
    first = DidLog(issuer.did, tuple(stage.world.web.files[url].decode().splitlines()))
    longer = one_more(first, issuer.key, stage.now - timedelta(days=9))
    with stage.world.served(url, longer.jsonl.encode()):
        await stage.keeping()
    return await stage.presented()


async def list_hidden_over_a_restart(stage: Stage) -> Judged:
    issuer = stage.world.issuer
    url = resource_to_url(issuer.registry_id)
    before, newest = stage.world.web.files[url], issuer.lists[-1]
    stage.clock.forward(hours=1)
    issuer.republish(int(stage.now.timestamp()) - 60)
    await stage.keeping()
    exchange = await stage.asked()
    with stage.world.served(url, before):
        return await stage.judged(exchange, stage.answer(exchange, status=newest))


async def copies_under_a_replaced_key(stage: Stage) -> Judged:
    issuer, new = stage.world.issuer, SigningKey.generate()
    url = did_to_url(issuer.did)
    first = DidLog(issuer.did, tuple(stage.world.web.files[url].decode().splitlines()))
    await stage.keeping()
    replaced = replace_keys(
        first, key=new, signer=issuer.key, next_key=None, now=stage.now - timedelta(minutes=1)
    )
    with stage.world.served(url, replaced.jsonl.encode()):
        await stage.desk.resolver.history(issuer.did, fresh=True)
    with stage.away():
        return await stage.presented()


# --- step 6: the issuer


def listed(*later: StatusPeriod, **changes: Any) -> Play:  # noqa: ANN401
    """The issuer is on the list like this, and an honest wallet shows its credential of 15 January 2026."""

    async def play(stage: Stage) -> Judged:
        await stage.trusting(stage.granted(*later, **changes))
        return await stage.presented()

    return play


async def unlisted(stage: Stage) -> Judged:
    await stage.trusting(stage.granted(dids=(stage.world.other.did,)))
    return await stage.presented()


async def look_alike(stage: Stage) -> Judged:
    """The list names a DID of the same host and path with another SCID."""
    method, _, rest = stage.world.issuer.did.removeprefix("did:webvh:").partition(":")
    assert method
    await stage.trusting(stage.granted(dids=(f"did:webvh:{'Q' * 46}:{rest}",)))
    return await stage.presented()


async def second_authorization_after_compromise(stage: Stage) -> Judged:
    await stage.trusting(stage.granted(period("compromised", day(3, 1))), stage.granted(id="auth-2"))
    return await stage.presented()


async def hidden_day_spans(stage: Stage) -> Judged:
    """The day stayed hidden because all of it was trusted; before the answer the authority changes its mind."""
    need = Need((Alternative(DATA_ANALYSIS),), awarded_after=date(2025, 6, 1))
    exchange = await stage.asked(needs=(need,))
    assert "awarded_dateint" not in stage.desk.request_in(exchange)["requested_attributes"]["need_0"]["names"]
    presentation = stage.answer(exchange)
    suspended = stage.granted(period("suspended", day(2, 1)), period("granted", day(3, 1)))
    await stage.authority.serves(stage.authority.signed(stage.authority.listing(suspended)))
    return await stage.judged(exchange, presentation)


async def no_list(stage: Stage) -> Judged:
    exchange = await stage.desk.asked(requirement())
    return await stage.judged(exchange, stage.answer(exchange))


async def unknown_registry(stage: Stage) -> Judged:
    await stage.trusting()
    exchange = await stage.asked(trust_lists=(LIST_URL,))
    await stage.authority.lists.unpin(LIST_URL)
    return await stage.judged(exchange, stage.answer(exchange))


async def never_fetched(stage: Stage) -> Judged:
    await stage.authority.lists.pin(
        TrustPin(url=LIST_URL, name="demo", operator_key=stage.authority.key.multikey)
    )
    return await stage.presented()


async def stale(stage: Stage) -> Judged:
    await stage.trusting(next_update=stage.now + timedelta(minutes=1))
    exchange = await stage.asked()
    presentation = stage.answer(exchange)
    stage.clock.forward(minutes=2)
    return await stage.judged(exchange, presentation)


async def registry_away(stage: Stage) -> Judged:
    exchange = await stage.asked()
    stage.authority.web.pages.clear()
    snapshot = await stage.authority.lists.refresh(LIST_URL)
    assert isinstance(snapshot.problem, Unreachable)
    return await stage.judged(exchange, stage.answer(exchange))


# --- taking a list


WITHDRAWN = period("withdrawn", datetime(2026, 3, 1, tzinfo=UTC), stand=False)


def list_served(made: Callable[[Stage], str]) -> Play:
    """The last list taken withdraws the issuer; somebody serves one that grants. The verdict stays what it was."""

    async def play(stage: Stage) -> Found:
        await stage.trusting(stage.granted())
        await stage.authority.serves(
            stage.authority.signed(stage.authority.listing(stage.granted(WITHDRAWN), previous=None))
        )
        snapshot = await stage.authority.serves(made(stage))
        assert isinstance(snapshot.problem, Refused), snapshot.problem
        verdict = (await stage.presented()).verdict
        assert verdict.result is Result.REJECTED
        assert "earlier awards do not stand" in verdict.steps[5].reason
        return Found("refused", snapshot.problem.reason)

    return play


def rolled_back(stage: Stage) -> str:
    return stage.authority.signed(stage.authority.listing(stage.granted(), sequence=1))


def same_number_forked(stage: Stage) -> str:
    return stage.authority.signed(stage.authority.listing(stage.granted(), sequence=2))


def successor_forked(stage: Stage) -> str:
    """It follows another number 2 than the one seen here."""
    authority = stage.authority
    elsewhere = authority.signed(authority.listing(stage.granted(), sequence=2))
    digest = open_list(elsewhere, operator_key=authority.key.multikey, now=stage.now).digest
    return authority.signed(authority.listing(stage.granted(), sequence=3, previous=digest))


def foreign_key(stage: Stage) -> str:
    thief = SigningKey.generate()
    listing = stage.authority.listing(stage.granted())
    return sign_list(listing, key=thief, kid="did:webvh:QmThief:thief.test#key")


def claimed_key(stage: Stage) -> str:
    """A thief's key under the authority's own DID."""
    thief = SigningKey.generate()
    return stage.authority.signed(stage.authority.listing(stage.granted()), by=thief)


def rotated_out(stage: Stage) -> str:
    authority = stage.authority
    authority.log = rotate(authority.log, authority.next_key, SigningKey.generate(), stage.now)
    return authority.signed(authority.listing(stage.granted()))


def other_scheme(stage: Stage) -> str:
    return stage.authority.signed(stage.authority.listing(stage.granted(), name="pilot"))


def from_the_future(stage: Stage) -> str:
    return stage.authority.signed(
        stage.authority.listing(stage.granted(), issued=stage.now + timedelta(minutes=6))
    )


def not_a_list(stage: Stage) -> str:
    key = stage.authority.key
    return jws.sign(
        {"LoTE": {}}, key=key, kid=verification_method(stage.authority.log.did, key), typ=RECEIPT_JWS_TYPE
    )


async def clocks_apart(stage: Stage) -> Judged:
    """The authority's clock is four minutes ahead of ours."""
    await stage.trusting(stage.granted(), issued=stage.now + timedelta(minutes=4))
    return await stage.presented()


async def key_replaced(stage: Stage) -> Judged:
    """The authority replaces its key as its DID's log committed to; nobody pins anew."""
    await stage.trusting(stage.granted(WITHDRAWN))
    authority = stage.authority
    authority.log = rotate(authority.log, authority.next_key, SigningKey.generate(), stage.now)
    authority.key = authority.next_key
    snapshot = await authority.serves(authority.signed(authority.listing(stage.granted())))
    assert snapshot.problem is None
    return await stage.presented()


# --- step 7: the requirement


def wanting(*alternatives: Alternative, **more: Any) -> Play:  # noqa: ANN401
    async def play(stage: Stage) -> Judged:
        return await stage.presented(needs=(Need(alternatives, **more),))

    return play


def of_a_short_edition(awarded_after: date | None = None) -> Play:
    """The edition says that an award is good for a month; this one is of January 2025."""

    async def play(stage: Stage) -> Judged:
        issuer = stage.world.issuer
        short = issuer.publish_edition(replace(DATA_ANALYTICS, valid_for_months=1))
        values = issuer.award(short, issuer.editions[short], date(2025, 1, 15))
        need = Need((Alternative(DATA_ANALYSIS),), awarded_after=awarded_after)
        return await stage.presented(issuer.issue(stage.world.learner, values), needs=(need,))

    return play


async def too_old(stage: Stage) -> Judged:
    """The day is shown, because not every day since then is a trusted one."""
    need = Need((Alternative(DATA_ANALYSIS),), awarded_after=date(2026, 2, 1))
    await stage.trusting(stage.granted(period("suspended", day(3, 1)), period("granted", day(4, 1))))
    return await stage.presented(needs=(need,))


# --- who asks, as the wallet sees it


VERIFIER_KEY, NEXT_KEY = SigningKey.generate(), SigningKey.generate()


def request_signed(
    *,
    key: SigningKey | None = None,
    listed_as: str | None = "verify",
    rotated: bool = False,
    **changes: Any,  # noqa: ANN401
) -> Play:
    """A signed request arrives at a wallet over the invitation `key-1`; the verifier's DID log is real."""

    async def play(stage: Stage) -> Found:
        log = create_log(
            host="jobs.ujuzi.test", path=("orgs", "jobs"), key=VERIFIER_KEY, next_key=NEXT_KEY,
            now=stage.now - timedelta(days=2),
        )  # fmt: skip
        after = rotate(log, NEXT_KEY, SigningKey.generate(), stage.now) if rotated else log
        stage.world.web.files[did_to_url(log.did)] = after.jsonl.encode()
        now = int(stage.now.timestamp())
        said: dict[str, Any] = payload(iss=log.did, iat=now, exp=now + 600) | {
            name: value(now) if callable(value) else value for name, value in changes.items()
        }
        signed = jws.sign(
            said,
            key=key or VERIFIER_KEY,
            kid=verification_method(log.did, VERIFIER_KEY),
            typ=REQUEST_JWS_TYPE,
        )
        store = MemoryStore(
            asked={"r1": RequestExchange("r1", "connection-1", RequestState.OPEN, ASKED, f"Job\n{signed}")},
            kept={"connections": {"connection-1": {"recipient_keys": ["key-1"]}}},
        )
        await stage.trusting(
            stage.granted(
                dids=(log.did,) if listed_as else (stage.world.other.did,), action=listed_as or "verify"
            )
        )
        desk = replace(
            a_desk(
                facts=cast(
                    "Any",
                    WebvhFacts(
                        WebvhResolver(cast("Any", stage.world.web), now=stage.clock),
                        cast("Any", stage.world.web),
                        clock=stage.clock,
                    ),
                ),
                lists=tuple(stage.authority.lists.snapshots()),
            ),
            clock=stage.clock,
        )
        view = await read_request(a_wallet(store), "r1", desk=desk)
        if isinstance(view.who, Unproven):
            return Found("unproven", view.who.why)
        assert isinstance(view.who, Proven)
        assert view.listing is not None
        return Found(f"proven, {view.listing.state}", view.listing.reason)

    return play


# --- receipts


def receipt(forge: Callable[[str, SigningKey, datetime], str], *, years: int = 0) -> Play:
    """A receipt of a real verdict, checked by the log of its verifier, whose key was replaced a day later."""

    async def play(stage: Stage) -> Found:
        old, new, then = SigningKey.generate(), SigningKey.generate(), stage.now
        log = create_log(host="jobs.ujuzi.test", path=("orgs", "jobs"), key=old, next_key=new, now=then)
        made = jws.sign(
            {"iss": log.did, "iat": int(then.timestamp()), "result": "accepted"},
            key=old, kid=verification_method(log.did, old), typ=RECEIPT_JWS_TYPE,
        )  # fmt: skip
        replaced = rotate(log, new, SigningKey.generate(), then + timedelta(days=1))
        later = then + timedelta(days=2 + 365 * years)
        history = verify_log(log.did, replaced.jsonl, max_entries=9, now=later)
        try:
            said = open_receipt(forge(made, old, later), history, now=later)
        except ReceiptInvalid as error:
            return Found("refused", str(error))
        return Found("accepted", f"it says {said['result']}")

    return play


def payload_changed(made: str, _: SigningKey, __: datetime) -> str:
    header, body = jws.peek(made)
    forged = jws.sign(
        body | {"result": "rejected"}, key=SigningKey.generate(), kid=header["kid"], typ=header["typ"]
    )
    return ".".join((*forged.split(".")[:2], made.split(".")[2]))


def another_did(made: str, old: SigningKey, _now: datetime) -> str:
    _, body = jws.peek(made)
    did = "did:webvh:QmOther:other.test:orgs:x"
    return jws.sign(body | {"iss": did}, key=old, kid=f"{did}#{old.multikey}", typ=RECEIPT_JWS_TYPE)


def after_rotation(made: str, old: SigningKey, now: datetime) -> str:
    header, body = jws.peek(made)
    return jws.sign(body | {"iat": int(now.timestamp())}, key=old, kid=header["kid"], typ=header["typ"])


def unchanged(made: str, _: SigningKey, __: datetime) -> str:
    return made


# --- the table


def day(month: int, number: int, hour: int = 12) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


ATTACKS = (
    # 1. it answers this request, in time, on this connection
    Attack("A presentation is sent a second time, to another request", "1", "rejected", "it is replayed", replayed),
    Attack("An answer comes after the request ended", "1", "rejected", "after the request expired", late),
    Attack("An answer comes in the last seconds", "1", "accepted", "in time", at_the_last_second),
    Attack("An answer comes over another connection", "1", "rejected", "over another connection", moved(connection_id="x")),
    Attack("An answer comes in another thread", "1", "rejected", "the exchange of another request", moved(thread_id="x")),
    Attack("The proof request is swapped for an easier one on the way", "1", "rejected", "another proof request", request_swapped),
    # 2. the issuer's objects
    Attack("A definition is signed by another organisation's key", "2", "rejected", "does not speak for this DID", served(definition_url, signed_by_another)),
    Attack("A definition is changed after it was published", "2", "rejected", "it was changed", served(definition_url, content_changed)),
    Attack("Another object is served in a definition's place", "2", "rejected", "was asked for", served(definition_url, another_object)),
    Attack("An edition is changed after it was published", "2", "rejected", "it was changed", served(edition_url, content_changed)),
    Attack("The first entry of a DID log is changed", "2", "rejected", "(scid)", served(log_url, log_entry_changed)),
    Attack("A DID log loses its newest version", "2", "rejected", "had version 2", log_then(truncated)),
    Attack("A DID log forks", "2", "rejected", "had version 2", log_then(forked)),
    Attack("A credential names an edition of another issuer", "2", "rejected", "an edition of another DID", edition_of_another),
    Attack("A credential names another awarding body", "2", "rejected", "not the DID that issued it", body_of_another),
    Attack("A credential carries a title its edition does not have", "2", "rejected", "title is not what the edition", another_title),
    Attack("The presentation names a definition of another issuer", "2", "rejected", "names another schema", identifier(lambda stage: {"cred_def_id": stage.world.other.definition_id})),
    Attack("The presentation names the schema of another issuer", "2", "rejected", "schema belongs to another DID", identifier(lambda stage: {"schema_id": stage.world.other.schema_id})),
    Attack("The presentation names a status list of another issuer", "2", "rejected", "registry belongs to another DID", identifier(foreign_registry)),
    Attack("The issuer's host does not answer", "2", "undecided", "could not be fetched", host_away),
    # 3. the proof
    Attack("A proof is made for another request of this verifier", "3", "rejected", "made for another request", for_another_request),
    Attack("A proof is made for another verifier and passed on", "3", "rejected", "made for another request", for_another_verifier),
    Attack("A value is changed on the way", "3", "rejected", "not the one the issuer signed", tampered(value_changed)),
    Attack("The proof is tampered with", "3", "rejected", "the proof is invalid", tampered(proof_changed)),
    Attack("The credential was revoked", "3", "rejected", "a credential is revoked", revoked),
    Attack("What arrives is no presentation", "3", "rejected", "no presentation", no_presentation),
    # 4. everything asked is shown
    Attack("An attribute is hidden that was to be shown", "4", "rejected", "stay hidden", hidden),
    Attack("An attribute is left out", "4", "rejected", "not revealed", as_if_asked(names("title"))),
    Attack("A predicate is left out", "4", "rejected", "is not proven", as_if_asked(without_predicates, needs=(NOT_EXPIRED,))),
    Attack("Less is proven than was asked, under the same name", "4", "rejected", "only expiry_dateint ≥ 20200101 is proven", as_if_asked(weaker, needs=(NOT_EXPIRED,))),
    Attack("A proof of one attribute is passed off as one of another", "4", "rejected", "nothing is proven", as_if_asked(another_attribute, needs=(NOT_EXPIRED,))),
    Attack("More is shown than was asked", "4", "rejected", "shown without being asked", as_if_asked(names("achievement_id", "title", "awarding_body_id", "awarded_dateint", "grade_pct"))),
    Attack("A value is stated by the learner herself", "4", "rejected", "stated by the learner alone", tampered(self_attested)),
    Attack("Two credentials are mixed for one need", "4", "rejected", "from different credentials", mixed),
    # 5. the status list
    Attack("A revoked credential is shown with the status list from before", "5", "rejected", "had been replaced before the request", old_status),
    Attack("The proof that it is not revoked is left out", "5", "rejected", "no status list was used", status_left_out),
    Attack("A status list of a time at which none was published is named", "5", "rejected", "none the issuer published", identifier(lambda stage: {"timestamp": stage.world.issuer.lists[-1].timestamp + 1})),
    Attack("A credential that cannot be revoked where the policy wants it", "5", "rejected", "cannot be revoked", irrevocable),
    Attack("A status list is published while the learner answers", "5", "undecided", "while the learner answered", status_published_meanwhile),
    Attack("The newest status list is older than the policy allows", "5", "undecided", "older than the policy allows", status_too_old),
    # 2 and 5. while the issuer's host is away
    Attack("The issuer's host is away, and was heard a few hours ago", "5", "accepted", "a revocation since then is not known", host_away_after(5)),
    Attack("A credential is revoked while the issuer's host is away from us", "5", "accepted", "a revocation since then is not known", revoked_unseen),
    Attack("The issuer's host is away for longer than it is judged without", "2", "undecided", "was last heard on", host_away_after(25)),
    Attack("The issuer's host is away, and its newest list known is too old", "5", "undecided", "could not be checked: the newest status list known is of", host_away_after(3, policy=Policy(status_max_age=timedelta(hours=2)))),
    Attack("The issuer's host is away, and a list is used that is known to be replaced", "5", "rejected", "had been replaced before the request", replaced_list_while_away),
    Attack("The issuer's host is away, and a list is used that is newer than any seen", "5", "undecided", "newer than any this verifier has seen", list_unseen),
    Attack("The issuer's host is away, and what is kept of it is under a key replaced since", "2", "undecided", "could not be fetched", copies_under_a_replaced_key),
    Attack("A DID log loses its newest version while the verifier restarts", "2", "rejected", "had version 2", log_shortened_over_a_restart),
    Attack("A status list is hidden again while the verifier restarts", "2", "rejected", "linked a status list of", list_hidden_over_a_restart),
    # 6. the issuer was trusted when it was awarded (15 January 2026)
    Attack("The issuer is not on the list", "6", "rejected", "not on the list", unlisted),
    Attack("A DID that differs from a listed one only in its SCID", "6", "rejected", "not on the list", look_alike),
    Attack("The issuer was added after the award", "6", "rejected", "not trusted when issued", listed(valid_from=date(2026, 1, 16))),
    Attack("The award is after the authorization ended", "6", "rejected", "not trusted when issued", listed(valid_to=date(2026, 1, 14))),
    Attack("The award is on the first and last trusted day", "6", "accepted", "trusted to issue", listed(valid_from=AWARDED, valid_to=AWARDED)),
    Attack("An authorization to verify is used to issue", "6", "rejected", "not to issue", listed(action="verify")),
    Attack("An accreditor issues, though it may only accredit", "6", "rejected", "not to issue", listed(action="accredit")),
    Attack("The country is not one the issuer is trusted for", "6", "rejected", "not for KE", listed(jurisdictions=("UG",))),
    Attack("The level is above the issuer's limit", "6", "rejected", "only up to eqf 3", listed(highest_level=Level(framework="eqf", level=3))),
    Attack("The limit is in a framework the edition does not state", "6", "rejected", "states no acqf level", listed(highest_level=Level(framework="acqf", level=9))),
    Attack("The issuer is trusted for another field only", "6", "rejected", "not for this kind", listed(resources=("isced-f:091",))),
    Attack("The issuer is trusted for another skill only", "6", "rejected", "not for this kind", listed(resources=(FIRST_AID,))),
    Attack("A wildcard of skills does not reach this one", "6", "rejected", "not for this kind", listed(resources=("http://data.europa.eu/esco/skill/1*",))),
    Attack("A wildcard of skills reaches this one", "6", "accepted", "trusted to issue", listed(resources=("http://data.europa.eu/esco/skill/2b*",))),
    Attack("The authorization lapsed before the award", "6", "rejected", "not trusted when issued: lapsed", listed(period("lapsed", day(1, 10)))),
    Attack("The authorization lapsed on the day of the award", "6", "undecided", "cannot be told", listed(period("lapsed", day(1, 15)))),
    Attack("The authorization lapsed after the award", "6", "accepted", "earlier awards stand", listed(period("lapsed", day(1, 16)))),
    Attack("It lapsed on the day of the award in Nairobi, the evening before in UTC", "6", "rejected", "lapsed 2026-01-14", listed(period("lapsed", day(1, 14, 22)))),
    Attack("The authorization was withdrawn and earlier awards do not stand", "6", "rejected", "earlier awards do not stand", listed(WITHDRAWN)),
    Attack("The authorization was withdrawn later and earlier awards stand", "6", "accepted", "earlier awards stand", listed(period("withdrawn", day(3, 1), stand=True))),
    Attack("The award was made after a withdrawal", "6", "rejected", "not trusted when issued: withdrawn", listed(period("withdrawn", day(1, 10), stand=True))),
    Attack("The issuer was suspended when it awarded", "6", "rejected", "not trusted when issued: suspended", listed(period("suspended", day(1, 10)), period("granted", day(2, 1)))),
    Attack("The issuer is suspended now", "6", "undecided", "until its authority decides", listed(period("suspended", day(3, 1)))),
    Attack("The issuer's key was stolen, and the award is dated before", "6", "rejected", "key is compromised", listed(period("compromised", day(3, 1)))),
    Attack("A second authorization is to heal a stolen key", "6", "rejected", "key is compromised", second_authorization_after_compromise),
    Attack("A hidden award date may lie in a suspension", "6", "undecided", "cannot be told", hidden_day_spans),
    Attack("No list is pinned", "6", "undecided", "no trust list is pinned", no_list),
    Attack("The registry the request names is not pinned (any more)", "6", "undecided", "this list is not pinned", unknown_registry),
    Attack("The list could never be fetched", "6", "undecided", "could not be checked", never_fetched),
    Attack("The list is stale", "6", "undecided", "is stale", stale),
    Attack("The registry is away and the kept list is fresh", "6", "accepted", "trusted to issue", registry_away),
    Attack("The authority's clock is four minutes ahead", "6", "accepted", "trusted to issue", clocks_apart),
    Attack("The authority replaced its key as its log committed to", "6", "accepted", "trusted to issue", key_replaced),
    # list: an issue is refused, and the one before stays in use
    Attack("An old issue of the list is served again", "list", "refused", "the list was rolled back", list_served(rolled_back)),
    Attack("Another content is served under the same number", "list", "refused", "says something else", list_served(same_number_forked)),
    Attack("A successor of another list is served", "list", "refused", "follows another number 2", list_served(successor_forked)),
    Attack("The list is signed by a stranger", "list", "refused", "not signed by the pinned operator key", list_served(foreign_key)),
    Attack("The list is signed by a stranger under the authority's DID", "list", "refused", "no present key of its operator", list_served(claimed_key)),
    Attack("The list is signed with a key that was replaced", "list", "refused", "no present key of its operator", list_served(rotated_out)),
    Attack("Another list of the same authority is served", "list", "refused", "expected the list 'demo'", list_served(other_scheme)),
    Attack("The list is dated six minutes in the future", "list", "refused", "check this machine's clock", list_served(from_the_future)),
    Attack("Something else signed by the authority is served", "list", "refused", "not a trust list", list_served(not_a_list)),
    # 7. the requirement
    Attack("The programme is below the level asked", "7", "rejected", "the programme is at eqf 4", wanting(Alternative(DATA_ANALYSIS, LevelAsked("eqf", 5)))),
    Attack("The programme has fewer hours than asked", "7", "rejected", "the programme states 120 hours", wanting(Alternative(DATA_ANALYSIS, None, 121))),
    Attack("The programme teaches another skill", "7", "rejected", "does not teach", wanting(Alternative(FIRST_AID))),
    Attack("The award is older than asked", "7", "rejected", "2026-02-01 or later was asked", too_old),
    Attack("The credential has expired by its edition", "7", "rejected", "expired on 2025-02-15", of_a_short_edition()),
    # request: the wallet's look at who asks
    Attack("A request is signed by its verifier, which is listed", "request", "proven, listed", "trusted to verify", request_signed()),
    Attack("The signature of a request is forged", "request", "unproven", "signature is not by the expected key", request_signed(key=SigningKey.generate())),
    Attack("A request is signed with a key that was replaced", "request", "unproven", "does not speak for this DID", request_signed(rotated=True)),
    Attack("A signed request is passed on through another invitation", "request", "unproven", "another invitation", request_signed(invitation_key="key-2")),
    Attack("A signature is put under another proof request", "request", "unproven", "another request than the one that arrived", request_signed(proof_request_digest=digest_multibase({"a": 1}))),
    Attack("A request comes from the future", "request", "unproven", "from the future", request_signed(iat=lambda now: now + 360)),
    Attack("The verifier's clock is four minutes ahead", "request", "proven, listed", "trusted to verify", request_signed(iat=lambda now: now + 240)),
    Attack("The verifier is on no list", "request", "proven, not_listed", "not on the list", request_signed(listed_as=None)),
    Attack("The verifier is listed to issue only", "request", "proven, not_for_this", "not to verify", request_signed(listed_as="issue")),
    # receipt
    Attack("A receipt is checked three years and a new key later", "receipt", "accepted", "it says accepted", receipt(unchanged, years=3)),
    Attack("A receipt's verdict is changed", "receipt", "refused", "signature is not by the expected key", receipt(payload_changed)),
    Attack("A receipt is by another DID", "receipt", "refused", "was expected, this one is by", receipt(another_did)),
    Attack("A receipt is signed with a key after it was replaced", "receipt", "refused", "An assertionMethod that", receipt(after_rotation)),
)  # fmt: skip

RESULTS = {"accepted": Outcome.PASSED, "rejected": Outcome.FAILED, "undecided": Outcome.UNCHECKED}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
async def test_an_attack_ends_as_the_table_says(attack: Attack, world: World, desk: Desk) -> None:
    found = await attack.play(Stage(world, desk.clock))
    if isinstance(found, Judged):
        step = found.verdict.steps[int(attack.step) - 1]
        assert step.outcome is RESULTS[attack.outcome], found.verdict
        found = Found(found.verdict.result.value, step.reason)
    assert (found.outcome, attack.reason in found.reason) == (attack.outcome, True), found


def test_the_document_shows_this_very_table() -> None:
    rows = re.findall(r"^\| (.+?) \| (\w+) \| ([\w, ]+) \| “(.+?)” \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert rows == [(each.what, each.step, each.outcome, each.reason) for each in ATTACKS]


def test_no_attack_stands_twice() -> None:
    assert len({each.id for each in ATTACKS}) == len(ATTACKS) >= 40
