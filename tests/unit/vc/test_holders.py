"""What an issuer tells of how many hold its programmes: steps, never numbers."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.holders import (
    BELIEVED_FOR,
    FEW,
    FLOORS,
    HoldersMalformed,
    floor_of,
    holders_content,
    read_holders,
    week_of,
)

DID = "did:webvh:x:issuer.test"
DAY, NEXT = date(2026, 1, 15), date(2026, 1, 16)
MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, 0),
        (1, 0),
        (19, 0),
        (20, 20),
        (99, 20),
        (100, 100),
        (499, 100),
        (500, 500),
        (4999, 1000),
        (70_000, 5000),
    ],
)
def test_a_number_is_told_as_its_step(count: int, told: int) -> None:
    assert floor_of(count) == told


@pytest.mark.parametrize("weekday", range(7))
def test_figures_are_from_the_monday_before(weekday: int) -> None:
    moment = datetime(2026, 11, 16, 23, 59, tzinfo=UTC) + timedelta(days=weekday)
    assert week_of(moment) == MONDAY


def test_every_edition_is_told_and_only_days_that_many_share() -> None:
    awards = {("a", DAY): 19, ("a", NEXT): 120, ("b", DAY): 3}
    told = read_holders(holders_content(DID, MONDAY, ["a", "b", "new"], awards))
    assert told.counted == MONDAY
    assert {edition: of.at_least for edition, of in told.editions.items()} == {"a": 100, "b": 0, "new": 0}
    assert told.editions["a"].days == {NEXT: 100}
    assert told.editions["b"].days == {}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.dates(date(2020, 1, 1), date(2026, 1, 1))),
        st.integers(1, 9000),
        max_size=30,
    )
)
def test_no_number_leaves_and_never_more_is_told_than_there_are(
    awards: Mapping[tuple[str, date], int],
) -> None:
    content = holders_content(DID, MONDAY, "abc", awards)
    told = read_holders(content)
    for edition, of in told.editions.items():
        true = sum(number for (name, _), number in awards.items() if name == edition)
        assert of.at_least <= true
        assert of.at_least in FLOORS
        assert all(FEW <= floor <= awards[edition, day] for day, floor in of.days.items())
    numbers = {int(each) for each in re.findall(r"(?<=: )\d+", str(content))}
    assert numbers <= set(FLOORS)


@pytest.mark.parametrize(
    "change",
    [
        {"counted": "yesterday"},
        {"counted": 5},
        {"editions": []},
        {"editions": {"a": {"atLeast": 37, "days": {}}}},
        {"editions": {"a": {"atLeast": True, "days": {}}}},
        {"editions": {"a": {"atLeast": 20}}},
        {"editions": {"a": {"atLeast": 20, "days": {"2026": 20}}}},
        {"editions": {"a": {"atLeast": 20, "days": {"20260115": 21}}}},
    ],
)
def test_what_is_no_step_or_no_figure_is_refused(change: dict[str, Any]) -> None:
    content = holders_content(DID, MONDAY, ["a"], {}) | change
    with pytest.raises(HoldersMalformed, match="expected"):
        read_holders(content)


def test_old_figures_tell_nothing() -> None:
    told = read_holders(holders_content(DID, MONDAY, [], {}))
    then = datetime(2026, 11, 16, 12, tzinfo=UTC) + BELIEVED_FOR
    assert not told.is_old(then)
    assert told.is_old(then + timedelta(days=1))
