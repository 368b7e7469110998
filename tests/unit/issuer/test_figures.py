"""What of monthly figures is shown, and that nothing hidden can be had back."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest

from issuer.domain.figures import Count, Figure, Month, Place, Tally, months_between, report

NOV, DEC = Month(2026, 11), Month(2026, 12)


def tally(**numbers: int) -> Tally:
    """`a_11_issued=7`: programme a, November, issued."""
    counts = {}
    for name, number in numbers.items():
        programme, month, what = name.split("_")
        counts[Place(Month(2026, int(month)), programme, Figure(what))] = number
    return Tally(counts, {})


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, Count(0, 0)), (1, Count(1, 4)), (4, Count(1, 4)), (5, Count(5, 5)), (1000, Count(1000, 1000))],
)
def test_one_to_four_are_all_the_same(number: int, shown: Count) -> None:
    assert Count.of(number) == shown
    assert shown.is_few == (0 < number < 5)


def test_a_sum_with_a_hidden_part_has_bounds_whatever_the_part_is() -> None:
    for hidden in range(1, 5):
        found = report(tally(a_11_issued=20, b_11_issued=hidden), [NOV])
        assert found.total.counts[Figure.ISSUED] == Count(21, 24)
        assert found.by_month[0].counts[Figure.ISSUED] == Count(21, 24)
        assert [line.counts[Figure.ISSUED] for line in found.by_programme] == [Count(20, 20), Count(1, 4)]


def test_a_longer_period_gives_no_more_away_than_its_months() -> None:
    both = report(tally(a_11_declined=30, a_12_declined=1), [NOV, DEC])
    alone = report(tally(a_11_declined=30, a_12_declined=1), [NOV])
    assert alone.total.counts[Figure.DECLINED] == Count(30, 30)
    assert both.total.counts[Figure.DECLINED] == Count(31, 34)


def test_one_programme_can_be_looked_at_alone() -> None:
    found = report(tally(a_11_issued=7, b_11_issued=9), [NOV], "b")
    assert [line.programme for line in found.lines] == ["b"]
    assert found.total.counts[Figure.ISSUED] == Count(9, 9)


def test_a_month_without_anything_has_zeros_and_no_programme() -> None:
    found = report(tally(), [NOV, DEC])
    assert [line.month for line in found.by_month] == [NOV, DEC]
    assert found.total.counts[Figure.PREPARED] == Count(0, 0)
    assert (found.lines, found.by_programme) == ([], [])


def test_days_to_claim_are_told_of_five_claims_and_more() -> None:
    def days(*each: int) -> float | None:
        counts = {Place(NOV, "a", Figure.ISSUED): len(each)}
        return report(Tally(counts, {(NOV, "a"): Counter(each)}), [NOV]).lines[0].days_to_claim

    assert days(1, 1, 1, 1) is None
    assert days(0, 1, 2, 30, 300) == 2
    assert days(0, 1, 2, 3, 30, 300) == 2.5


def test_months_are_read_written_and_counted() -> None:
    assert months_between(Month(2025, 11), Month(2026, 1)) == [
        Month(2025, 11),
        Month(2025, 12),
        Month(2026, 1),
    ]
    assert months_between(DEC, NOV) == []
    assert str(Month.read("2026-01").later(-1)) == "2025-12"
    late = datetime(2026, 11, 30, 23, tzinfo=timezone(timedelta(hours=-3)))
    assert Month.of(late) == DEC
    assert NOV.begins() == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "0000-01", "2026-1", "26-11", "2026-11-01", "x026-11"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|year"):
        Month.read(text)
