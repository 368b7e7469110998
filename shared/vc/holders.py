"""How many people hold an award of each edition, as their issuer tells everybody: in coarse steps, once a week.

A wallet reads from it whether an answer without a name still points at few people. It is an attested resource of its own type,
named `holders` in the issuer's catalogue of editions; docs/decisions/0017 says why so coarse and so seldom.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from shared.contracts.errors import UjuziError
from shared.vc.dateint import DateMalformed, from_dateint, to_dateint

HOLDERS: Final = "ujuziHolders"
"""The resource's type."""
FEW: Final = 20
"""Fewer than so many people are few."""
FLOORS: Final = (0, FEW, 100, 500, 1000, 5000)
"""What is told: at least so many. 0 says: fewer than twenty."""
BELIEVED_FOR: Final = timedelta(days=35)
"""Older figures tell nothing: an issuer tells them anew each week."""
MOST_DAYS: Final = 2000
"""Of one edition, the newest."""


class HoldersMalformed(UjuziError):
    """What an issuer tells of its holders cannot be read."""


@dataclass(frozen=True)
class OfEdition:
    """Of one edition: at least so many hold it, and on which days of award at least so many were made; only days of twenty or more."""

    at_least: int
    days: Mapping[date, int]


@dataclass(frozen=True)
class Holders:
    """What an issuer tells; an edition that is not in it was published after `counted`."""

    counted: date
    editions: Mapping[str, OfEdition]

    def is_old(self, now: datetime) -> bool:
        """Whether it tells nothing any more."""
        return now.date() - self.counted > BELIEVED_FOR


def floor_of(count: int) -> int:
    """The step a number is told as."""
    return max(floor for floor in FLOORS if floor <= count)


def week_of(now: datetime) -> date:
    """The Monday from which figures of this week are."""
    return now.date() - timedelta(days=now.weekday())


def holders_content(
    did: str, counted: date, editions: Iterable[str], awards: Mapping[tuple[str, date], int]
) -> dict[str, Any]:
    """The resource's content; `awards` are true numbers by edition and day of award, and leave it in steps only."""
    told: dict[str, Any] = {}
    for edition in sorted(editions):
        by_day = {day: count for (of, day), count in awards.items() if of == edition}
        full = sorted((day for day, count in by_day.items() if count >= FEW), reverse=True)[:MOST_DAYS]
        told[edition] = {
            "atLeast": floor_of(sum(by_day.values())),
            "days": {str(to_dateint(day)): floor_of(by_day[day]) for day in sorted(full)},
        }
    return {"issuerId": did, "counted": counted.isoformat(), "editions": told}


def read_holders(content: Mapping[str, Any]) -> Holders:
    """Read a verified content. Raises HoldersMalformed, also for a number that is no step: nobody should tell one."""
    try:
        counted = date.fromisoformat(content["counted"])
        editions = {
            str(edition): OfEdition(
                _floor(told["atLeast"]),
                {from_dateint(int(day)): _floor(floor) for day, floor in told["days"].items()},
            )
            for edition, told in content["editions"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, DateMalformed) as error:
        raise HoldersMalformed("expected editions with steps and days, found another form") from error
    return Holders(counted, editions)


def _floor(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in FLOORS:
        raise HoldersMalformed(f"expected one of {FLOORS}, found {str(value)[:20]!r}")
    return value
