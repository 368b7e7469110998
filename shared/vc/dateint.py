"""Dates and times as the wire writes them: YYYYMMDD integers and RFC 3339 UTC."""

import re
from datetime import UTC, date, datetime

from shared.contracts.errors import UjuziError

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATEINT = re.compile(r"[0-9]{8}", re.ASCII)


class DateMalformed(UjuziError):
    """A date or time is not written as expected."""


def to_dateint(day: date) -> int:
    """Return the day as the integer YYYYMMDD (AnonCreds predicates know only integers)."""
    return day.year * 10000 + day.month * 100 + day.day


def from_dateint(value: int | str) -> date:
    """Return the day that YYYYMMDD names. Raises DateMalformed."""
    text = str(value)
    if _DATEINT.fullmatch(text):
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise DateMalformed(f"A date was expected as eight digits YYYYMMDD, {text[:40]!r} was found.")


def rfc3339(moment: datetime) -> str:
    """Return an aware time as UTC RFC 3339 in whole seconds (2026-01-31T12:00:00Z)."""
    if moment.tzinfo is None:
        raise DateMalformed("A time with its time zone was expected; this one has none.")
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise DateMalformed("A time in the years 1 to 9999 of UTC was expected.") from error
    return f"{in_utc.replace(microsecond=0, tzinfo=None).isoformat()}Z"  # strftime writes the year 1 as "1"


def from_rfc3339(text: object) -> datetime:
    """Return the UTC time an RFC 3339 text names. Raises DateMalformed."""
    if isinstance(text, str) and _RFC3339.fullmatch(text):
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise DateMalformed(f"A time was expected like 2026-01-31T12:00:00Z, {str(text)[:40]!r} was found.")
