"""A hidden award date must never pass where some day it may stand for would not."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.vc.trust_decision import AwardDate, decide
from shared.vc.trust_list import Authorization, Status, StatusPeriod
from tests.unit.trust.lists import ISSUER, question, snapshot

FIRST = date(2026, 1, 1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
LATER: st.SearchStrategy[Status] = st.sampled_from(["granted", "suspended", "lapsed", "withdrawn"])


@st.composite
def authorizations(draw: st.DrawFn) -> Authorization:
    moments = sorted(draw(st.lists(DAYS, max_size=4)))
    later = tuple(
        StatusPeriod(
            status=(status := draw(LATER)),
            since=datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), tzinfo=UTC),
            earlier_awards_stand=draw(st.booleans()) if status == "withdrawn" else None,
        )
        for day in moments
    )
    periods = (StatusPeriod(status="granted", since=datetime(2025, 12, 1, tzinfo=UTC)), *later)
    valid_from = draw(DAYS)
    return Authorization(
        id="a",
        action="issue",
        dids=(ISSUER,),
        resources=("*",),
        valid_from=valid_from,
        valid_to=draw(st.none() | DAYS.filter(lambda day: day >= valid_from)),
        periods=tuple(sorted(periods, key=lambda period: period.since)),
    )


@given(authorizations(), DAYS, st.integers(0, 12))
def test_a_hidden_date_is_judged_as_every_day_it_may_be(
    granted: Authorization, start: date, days: int
) -> None:
    lists = [snapshot(granted, issued=NOW - timedelta(hours=1), next_update=NOW + timedelta(hours=1))]
    hidden = decide(lists, question(AwardDate.between(start, start + timedelta(days=days))), now=NOW).outcome
    shown = [
        decide(lists, question(AwardDate.on(start + timedelta(days=number))), now=NOW).outcome
        for number in range(days + 1)
    ]

    if hidden == "passed":
        assert set(shown) == {"passed"}
    if hidden == "failed":
        assert "passed" not in shown
    if "failed" in shown:
        assert hidden != "passed"
