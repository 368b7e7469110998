"""Figures of a month and a programme: how many awards got how far, and no word of anybody.

They are what leaves the house, in reports to funders and partners. A number below five tells too much about few people: it is
kept as it is and shown as `fewer than 5`, wherever it stands. Sums are made of what is shown, so that nothing hidden can be had
back by taking one number from another: of a sum with hidden parts its bounds are known. What a learner does with a credential
after the claim is nobody's figure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

FEW: Final = 5
"""Whatever concerns fewer people is not told exactly."""
MOST_MONTHS: Final = 36
"""Shown at once."""


class Figure(StrEnum):
    """What is counted, once for each award in a month. An award in place of another is not prepared anew."""

    PREPARED = "prepared"
    DELIVERED = "delivered"
    OPENED = "opened"
    ISSUED = "issued"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CORRECTED = "corrected"
    REISSUED = "reissued"


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The month of a moment."""
        there = at.astimezone(UTC)
        return cls(there.year, there.month)

    @classmethod
    def read(cls, text: str) -> Self:
        """From `2026-11`. Raises ValueError."""
        year, dash, month = text.partition("-")
        if not (dash and len(year) == 4 and len(month) == 2 and text.replace("-", "").isdecimal()):  # noqa: PLR2004 - digits
            raise ValueError(f"expected a month as 2026-11, found {text[:20]!r}")
        found = cls(int(year), int(month))
        found.begins()
        return found

    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def later(self, months: int) -> "Month":
        """So many months later; earlier, if negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def __str__(self) -> str:
        """Like `2026-11`."""
        return f"{self.year:04}-{self.month:02}"


def months_between(first: Month, last: Month) -> Sequence[Month]:
    """Both and all between them; none if `first` is the later one."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [first.later(n) for n in range(count)]


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """What a number is about; `programme` is the id of the programme's first edition."""

    month: Month
    programme: str
    what: Figure


@dataclass(frozen=True)
class Tally:
    """True numbers, as they are kept. `days` is how many awards took how many whole days from link to claim."""

    counts: Mapping[Place, int]
    days: Mapping[tuple[Month, str], Counter[int]]


@dataclass(frozen=True, slots=True)
class Count:
    """A number as it is shown: exact if both bounds are the same."""

    low: int = 0
    high: int = 0

    @classmethod
    def of(cls, number: int) -> Self:
        """Nobody, few, or so many."""
        return cls(1, FEW - 1) if 0 < number < FEW else cls(number, number)

    def __add__(self, other: "Count") -> "Count":
        """The bounds of the sum."""
        return Count(self.low + other.low, self.high + other.high)

    @property
    def is_exact(self) -> bool:
        """Whether nothing is hidden."""
        return self.low == self.high

    @property
    def is_few(self) -> bool:
        """Whether it is a number below five."""
        return not self.is_exact and self.high < FEW


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of a month, of a programme, of both, or of all; `days_to_claim` is the median, of five claims or more."""

    month: Month | None
    programme: str | None
    counts: Mapping[Figure, Count]
    days_to_claim: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """`lines` by month and programme, and the sums of what they show."""

    months: Sequence[Month]
    lines: Sequence[Line]
    by_month: Sequence[Line]
    by_programme: Sequence[Line]
    total: Line


def report(tally: Tally, months: Sequence[Month], programme: str | None = None) -> Report:
    """What may be shown of these months, of one programme or all; what has no number has no line of both."""
    pairs = sorted(
        {
            (place.month, place.programme)
            for place, number in tally.counts.items()
            if number and place.month in months and programme in {None, place.programme}
        }
    )
    lines = [
        Line(
            month,
            which,
            {what: Count.of(tally.counts.get(Place(month, which, what), 0)) for what in Figure},
            _median(tally.days.get((month, which), Counter())),
        )
        for month, which in pairs
    ]

    def summed(month: Month | None, which: str | None) -> Line:
        of = [line for line in lines if month in {None, line.month} and which in {None, line.programme}]
        days: Counter[int] = Counter()
        for line in of:
            if line.month is not None and line.programme is not None:
                days += tally.days.get((line.month, line.programme), Counter())
        return Line(month, which, _sums(of), _median(days))

    return Report(
        months,
        lines,
        [summed(month, None) for month in months],
        [summed(None, which) for which in sorted({which for _, which in pairs})],
        summed(None, None),
    )


def _sums(lines: Iterable[Line]) -> Mapping[Figure, Count]:
    sums = dict.fromkeys(Figure, Count())
    for line in lines:
        sums = {what: sums[what] + line.counts[what] for what in Figure}
    return sums


def _median(days: Counter[int]) -> float | None:
    every = sorted(days.elements())
    if len(every) < FEW:
        return None
    middle = len(every) // 2
    return float(every[middle]) if len(every) % 2 else (every[middle - 1] + every[middle]) / 2
