"""The issuing day: who comes when, and how the day goes with so many agents."""

from dataclasses import replace

import pytest

from services.scale.domain.issuing_day import HOUR, MORNING, NIGHT, Day, Machines, arrivals, course
from services.scale.domain.queueing import Away
from tests.unit.scale.costs import ROUND

SMALL = Day(told=3_000, connections=1)


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    came = arrivals(SMALL, 1.0)
    assert came == arrivals(SMALL, 1.0) == sorted(came)
    assert came != arrivals(replace(SMALL, seed=1), 1.0)


def test_about_as_many_claim_as_are_said_to_and_none_before_she_is_told_or_at_night() -> None:
    came = arrivals(SMALL, 1.0)
    assert len(came) == pytest.approx(0.7 * SMALL.told, rel=0.05)
    assert min(came) > SMALL.first_message_at
    assert all(MORNING <= at % (24 * HOUR) < NIGHT for at in came)


def test_messages_that_leave_later_bring_claims_later() -> None:
    slowly, at_once = arrivals(SMALL, 10.0), arrivals(SMALL, 0.0)
    assert sum(slowly) / len(slowly) > sum(at_once) / len(at_once) + HOUR


def test_with_agents_enough_nobody_waits_longer_than_her_own_claim_takes() -> None:
    even = [8 * HOUR + 10 * number for number in range(200)]
    found = course(even, ROUND, Machines(4, 4), seed=1)
    assert found.p50 == pytest.approx(0.9, rel=0.1)
    assert found.most_waiting <= 1
    assert found.caught_up_at == 0


def test_with_too_few_agents_a_crowd_is_worked_off_at_their_pace() -> None:
    """1,000 at once, 0.3 s of each at the issuer: 150 s with two agents, half of them after 75 s."""
    found = course([9 * HOUR] * 1_000, ROUND, Machines(2, 100), seed=1)
    assert found.longest == pytest.approx(150, rel=0.05)
    assert found.p50 == pytest.approx(75, rel=0.05)
    assert found.most_waiting == 1_000
    assert found.caught_up_at == 9 * HOUR + 120
    assert found.busy == pytest.approx(300 / (2 * 86_400), rel=0.05)


def test_an_outage_loses_nobody_and_makes_those_of_its_hour_wait_for_its_end() -> None:
    even = [10 * HOUR + 20 * number for number in range(720)]
    away = course(even, ROUND, Machines(1, 2, (Away(11 * HOUR, 12 * HOUR),)), seed=1)
    assert away.claims == 720
    assert away.hours[10].p95 < 2
    assert away.hours[11].p50 == pytest.approx(0.5 * HOUR, rel=0.1)
    assert away.longest < HOUR + 5
    assert away.hours[13].p95 < 2
