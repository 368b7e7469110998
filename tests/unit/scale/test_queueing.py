"""The queue behaves as worked out by hand, and as queueing theory says."""

import random
from math import factorial

import pytest

from services.scale.domain.queueing import (
    Away,
    percentile,
    serve,
    serve_one_after_the_other,
    under_way,
)


def test_who_finds_a_server_free_waits_for_nobody() -> None:
    assert serve([0, 1, 2], [5, 5, 5], servers=3) == [5, 6, 7]


def test_who_finds_none_free_is_served_in_the_order_of_arrival() -> None:
    assert serve([0, 1, 2, 3], [4, 4, 4, 4], servers=2) == [4, 5, 8, 9]


def test_what_was_in_hand_when_servers_went_away_is_begun_anew_when_they_are_back() -> None:
    assert serve([0, 8, 11], [4, 4, 4], servers=2, away=[Away(10, 20)]) == [4, 24, 24]


def test_no_server_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="at least one server"):
        serve([0], [1], servers=0)


def test_the_second_station_takes_people_as_the_first_is_done_with_them() -> None:
    done = serve_one_after_the_other([0, 1], [([10, 1], 2), ([1, 1], 1)])
    assert done == [11, 3]


def test_who_is_under_way_has_come_and_is_not_done() -> None:
    assert under_way([0, 1, 2], [4, 3, 9], [0, 1.5, 3.5, 9]) == [1, 2, 2, 0]


@pytest.mark.parametrize(("part", "value"), [(0.5, 2), (0.75, 3), (0.95, 4), (1, 4)])
def test_percentiles_are_values_that_occurred(part: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], part) == value
    assert percentile([], part) == 0


def drawn(number: int, rate: float, mean: float) -> tuple[list[float], list[float]]:
    chance = random.Random(7)  # noqa: S311 - to be had again
    at, arrivals = 0.0, []
    for _ in range(number):
        at += chance.expovariate(rate)
        arrivals.append(at)
    return arrivals, [chance.expovariate(1 / mean) for _ in arrivals]


def erlang_c(servers: int, load: float) -> float:
    """The part of arrivals that wait in an M/M/c queue; `load` in servers."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


@pytest.mark.parametrize(("servers", "rate"), [(1, 0.7), (4, 3.2)])
def test_a_queue_with_random_arrivals_and_work_waits_as_erlang_says(servers: int, rate: float) -> None:
    arrivals, work = drawn(60_000, rate, mean=1.0)
    done = serve(arrivals, work, servers)
    waits = [end - came - needs for came, end, needs in zip(arrivals, done, work, strict=True)]
    expected = erlang_c(servers, rate) / (servers - rate)
    assert sum(waits) / len(waits) == pytest.approx(expected, rel=0.1)
    assert sum(wait > 1e-9 for wait in waits) / len(waits) == pytest.approx(erlang_c(servers, rate), rel=0.05)


def test_as_many_are_under_way_as_little_says() -> None:
    arrivals, work = drawn(20_000, rate=1.6, mean=1.0)
    done = serve(arrivals, work, servers=2)
    seen = under_way(arrivals, done, [number * 0.5 for number in range(int(2 * arrivals[-1]))])
    mean_time = sum(end - came for came, end in zip(arrivals, done, strict=True)) / len(done)
    assert sum(seen) / len(seen) == pytest.approx(mean_time * len(done) / arrivals[-1], rel=0.02)
