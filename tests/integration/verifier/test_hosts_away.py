"""Hosts are away when an answer is judged: what was seen last counts for its time, and the verdict says how old it is."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.signed_request import RECEIPT_JWS_TYPE
from shared.vc import jws
from shared.vc.trust_decision import Unreachable
from tests.integration.verifier.conftest import Desk, World, requirement
from tests.integration.verifier.test_answers import ACCEPTED, REJECTED, UNDECIDED, answer
from tests.support.copies import MemoryCopies
from tests.support.verifier_fakes import PinnedSnapshots, trusting
from verifier.domain.request import JUDGING_WAITS, Judged
from verifier.domain.requirement import Policy
from verifier.domain.verdict import Outcome, Source
from verifier.errors import JudgingWaits

DAY = timedelta(hours=24)
STATUS_STEP = 5


def keeping(desk: Desk, copies: MemoryCopies | None = None) -> Desk:
    """A verifier that has just started, over these copies."""
    return Desk(desk.world, desk.clock, desk.trust, copies=copies or MemoryCopies(), kept_for=DAY)


@pytest.fixture
def at(desk: Desk) -> Desk:
    listed = replace(trusting(desk.world.issuer.did), checked_at=desk.clock())
    desk.trust = PinnedSnapshots((listed,))
    return keeping(desk)


def issuer_away(world: World) -> AbstractContextManager[None]:
    return world.away("issuer.ujuzi.test")


async def known(desk: Desk, world: World) -> None:
    """An answer was judged while every host was there."""
    exchange = await desk.asked(requirement())
    judged = await desk.answered(exchange, answer(desk, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED


def registry_away(desk: Desk) -> None:
    away = Unreachable(reason="no route", since=desk.clock())
    desk.trust.lists = (replace(desk.trust.lists[0], problem=away),)


def source(judged: Judged, kind: str) -> Source:
    return next(each for each in judged.verdict.knowledge if each.kind == kind)


@pytest.mark.parametrize("restarted", [False, True], ids=["the same process", "after a restart"])
async def test_with_issuer_and_registry_away_judging_goes_on_and_says_how_old_its_knowledge_is(
    world: World, at: Desk, restarted: bool
) -> None:
    await known(at, world)
    heard = at.clock()
    if restarted:
        copies = at.copies
        assert isinstance(copies, MemoryCopies)
        at = keeping(at, copies)
    at.clock.forward(hours=5)
    with issuer_away(world):
        registry_away(at)
        exchange = await at.asked(requirement())
        judged = await at.answered(exchange, answer(at, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED, judged.verdict
    assert [step.codes for step in judged.verdict.steps if step.number in {2, 5}] == [
        ("objects-verify-as-last-seen",),
        ("status-newest-known",),
    ]
    five_hours = timedelta(hours=5, seconds=5)
    for kind in ("did_log", "status_list", "trust_list"):
        found = source(judged, kind)
        assert found.age is not None
        assert abs(found.age - five_hours) < timedelta(seconds=30), found
    newest = world.issuer.lists[-1].timestamp
    assert source(judged, "status_list").issued == datetime.fromtimestamp(newest, UTC)
    assert (
        f"{heard:%Y-%m-%d %H:%M} UTC; a revocation since then is not known" in judged.verdict.steps[4].reason
    )
    receipt = jws.verify(judged.receipt, at.signer.key.public, typ=RECEIPT_JWS_TYPE)
    (listed,) = receipt["status_lists"]
    assert abs(listed["checked"] - heard.timestamp()) < 30
    assert world.issuer.did not in str(receipt)


async def test_the_registry_alone_away_changes_nothing_of_the_issuers_objects(world: World, at: Desk) -> None:
    await known(at, world)
    registry_away(at)
    exchange = await at.asked(requirement())
    judged = await at.answered(exchange, answer(at, exchange, world.credential(), world))
    assert judged.verdict.result is ACCEPTED
    assert judged.verdict.steps[4].codes == ("status-newest",)


@pytest.mark.parametrize(
    ("hours", "policy", "code"),
    [
        (25, Policy(), "last-seen-too-long-ago"),
        (25, Policy(), "status-known-too-old"),
        (3, Policy(status_max_age=timedelta(hours=2)), "status-known-too-old"),
    ],
    ids=["the DID log", "the host", "the list"],
)
async def test_past_the_limit_it_is_undecided_and_says_what_is_how_old(
    world: World, at: Desk, hours: int, policy: Policy, code: str
) -> None:
    await known(at, world)
    heard, newest = at.clock(), datetime.fromtimestamp(world.issuer.lists[-1].timestamp, UTC)
    at.clock.forward(hours=hours)
    with issuer_away(world):
        exchange = await at.asked(requirement(policy=policy))
        await at.waits(exchange, answer(at, exchange, world.credential(), world), because="does not answer")
        at.clock.forward(seconds=JUDGING_WAITS.total_seconds() + 1)
        judged = await at.judged(exchange)
    assert judged.verdict.result is UNDECIDED
    found = next(step for step in judged.verdict.steps if code in step.codes)
    assert found.outcome is Outcome.UNCHECKED
    assert f"{heard:%Y-%m-%d %H:%M} UTC" in found.reason
    if found.number == STATUS_STEP:
        assert f"the newest status list known is of {newest:%Y-%m-%d %H:%M} UTC" in found.reason


async def test_a_host_that_is_back_within_two_minutes_is_judged_by_what_it_says_now(
    world: World, at: Desk
) -> None:
    await known(at, world)
    at.clock.forward(hours=25)
    exchange = await at.asked(requirement())
    presentation = answer(at, exchange, world.credential(), world)
    with issuer_away(world):
        await at.waits(exchange, presentation, because="does not answer")
    judged = await at.judged(exchange)
    assert judged.verdict.result is ACCEPTED


async def test_a_revocation_made_while_the_host_was_away_counts_when_it_is_back(
    world: World, at: Desk
) -> None:
    held = world.credential()
    await known(at, world)
    before = world.issuer.lists[-1]
    at.clock.forward(hours=1)
    world.issuer.revoke(held, int(at.clock().timestamp()) - 60)
    with issuer_away(world):
        exchange = await at.asked(requirement())
        unaware = await at.answered(exchange, answer(at, exchange, held, world, status=before))
    assert unaware.verdict.result is ACCEPTED
    assert unaware.verdict.steps[4].codes == ("status-newest-known",)
    at = keeping(at, MemoryCopies())
    exchange = await at.asked(requirement())
    aware = await at.answered(exchange, answer(at, exchange, held, world, status=before))
    assert aware.verdict.result is REJECTED
    assert "had been replaced before the request" in aware.verdict.steps[4].reason


async def test_without_the_setting_nothing_is_judged_by_what_was_seen_before(world: World, at: Desk) -> None:
    copies = at.copies
    await known(at, world)
    at = Desk(world, at.clock, at.trust, copies=copies, kept_for=timedelta(0))
    with issuer_away(world):
        exchange = await at.asked(requirement())
        presentation = answer(at, exchange, world.credential(), world)
        at.clock.forward(seconds=5)
        at.agent.present(exchange, presentation)
        with pytest.raises(JudgingWaits, match="does not answer"):
            await at.judge(exchange)
