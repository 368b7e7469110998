from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.dateint import DateMalformed, from_dateint, from_rfc3339, rfc3339, to_dateint


@given(st.dates(min_value=date(1000, 1, 1)), st.dates(min_value=date(1000, 1, 1)))
def test_days_read_back_and_keep_their_order(one: date, other: date) -> None:
    assert from_dateint(to_dateint(one)) == from_dateint(str(to_dateint(one))) == one
    assert (to_dateint(one) < to_dateint(other)) == (one < other)
    assert to_dateint(one) < 2**31


@pytest.mark.parametrize("wrong", ["", "2026", "20261301", "20260230", "2026-1-1", 0, "٢٠٢٦٠١٠١"])
def test_what_is_no_day_is_refused(wrong: int | str) -> None:
    with pytest.raises(DateMalformed, match="eight digits YYYYMMDD"):
        from_dateint(wrong)


def test_times_are_written_in_utc() -> None:
    assert (
        rfc3339(datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-31T12:00:00Z"
    )
    assert from_rfc3339("2026-01-31T14:00:00.5+02:00") == datetime(2026, 1, 31, 12, 0, 0, 500000, UTC)
    with pytest.raises(DateMalformed, match="has none"):
        rfc3339(datetime(2026, 1, 31))  # noqa: DTZ001


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_that_is_written_reads_back(moment: datetime) -> None:
    assert from_rfc3339(rfc3339(moment)) == moment.replace(microsecond=0)


def test_a_time_outside_the_calendar_of_utc_is_refused() -> None:
    with pytest.raises(DateMalformed, match="years 1 to 9999"):
        rfc3339(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))))


@pytest.mark.parametrize(
    "wrong",
    ["", "2026-01-31", "2026-01-31T12:00:00", "2026-02-31T12:00:00Z", "0001-01-01T00:00:00+14:00", 7, None],
)
def test_what_is_no_time_is_refused(wrong: object) -> None:
    with pytest.raises(DateMalformed, match="A time was expected"):
        from_rfc3339(wrong)
