"""What comes of readings: percentiles, rates, processor time of one exchange, and the document they are kept in."""

import pytest

from services.bench.domain.figures import Course, Figures, Usage, course, percentile
from services.bench.domain.plan import DRIVER
from tests.unit.bench.made_up import FIGURES, a_course


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 5.0), (95, 10.0), (99, 10.0), (90, 9.0), (1, 1.0), (100, 10.0)]
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    percent: float, expected: float
) -> None:
    assert percentile([10.0, *map(float, range(1, 10))], percent) == expected


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 50) is None


def measured(times: list[float], *, exchanges: int = 4) -> Course:
    return course(
        "ujuzi", "issue", 2, exchanges,
        times=times, seconds=2.0, doubled=0,
        before={"issuer": Usage(10.0, 90), "nats": Usage(1.0, 20), DRIVER: Usage(5.0, 50)},
        after={"issuer": Usage(10.6, 100), "nats": Usage(1.3, 21), DRIVER: Usage(5.3, 50), "new": Usage(9.0, 1)},
        reasons={},
    )  # fmt: skip


def test_rate_and_processor_time_count_what_finished_and_the_rest_is_lost() -> None:
    found = measured([0.5, 1.5, 1.0])
    assert (found.finished, found.lost, found.rate, found.p50, found.p99) == (3, 1, 1.5, 1.0, 1.5)
    assert found.cpu_ms == {"issuer": 200.0, "nats": 100.0, DRIVER: 100.0}
    assert found.cpu == 300.0, "the driver plays other people: its time is not its side's"
    assert found.rss_mib["issuer"] == 100.0


def test_of_a_course_in_which_nothing_finished_nothing_is_divided() -> None:
    found = measured([])
    assert (found.lost, found.rate, found.p50, found.cpu_ms) == (4, 0.0, None, {})


def test_figures_are_read_as_they_were_written() -> None:
    assert Figures.of_json(FIGURES.to_json()) == FIGURES


@pytest.mark.parametrize(("lost", "doubled"), [(1, 0), (0, 1)])
def test_what_ujuzi_lost_or_doubled_is_not_kept_what_stock_agents_lost_is(lost: int, doubled: int) -> None:
    assert FIGURES.ours_kept
    assert any(one.lost for one in FIGURES.courses if one.side == "stock")
    broken = a_course("ujuzi", "issue", 200, lost=lost, doubled=doubled)
    assert not FIGURES.with_courses(broken).ours_kept


def test_a_run_in_which_ujuzi_did_nothing_kept_nothing() -> None:
    assert not FIGURES.with_courses(a_course("stock", "issue", 1)).ours_kept
