"""How many people wait until the issuer has done its part of their claims, and how long that takes. Numbers, and nothing else of anybody."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

FRESH: Final = timedelta(minutes=5)
"""Whoever has not moved for so long does not wait for us: she has put it off."""
MEASURED: Final = timedelta(minutes=1)
"""Over how long it is counted how many were served."""
LATELY: Final = timedelta(seconds=20)
"""The same while a rush begins: then the minute before was a quiet one."""
WORTH_TELLING: Final = 5
"""Fewer people are served in a moment."""
_EXACT: Final = 20
_ROUNDED, _ROUNDED_MORE = 5, 10


@dataclass(frozen=True, slots=True)
class Queue:
    """`waiting` people wait for the issuer; it was done with `served` in the last minute, with `lately` of them just now."""

    waiting: int
    served: int
    lately: int = 0

    @property
    def seconds(self) -> int | None:
        """Until all of them are served at this pace; None while nobody was, so that there is no pace."""
        if self.waiting == 0:
            return 0
        a_minute = max(self.served, self.lately * (MEASURED // LATELY))
        return ceil(self.waiting * MEASURED.total_seconds() / a_minute) if a_minute else None

    @property
    def minutes(self) -> int | None:
        """The same in minutes that have begun."""
        return None if self.seconds is None else ceil(self.seconds / MEASURED.total_seconds())


@dataclass(frozen=True, slots=True)
class Wait:
    """About so many people are before her, and about so many seconds until it is her turn, None if that cannot be told."""

    people: int
    seconds: int | None


def queue(moving: int, unworked: int | None, served: int, lately: int = 0) -> Queue:
    """Return the queue.

    Whoever was invited a moment ago waits for us, or has not opened her wallet yet: `moving` counts both. What the
    agent told us and nobody has worked off (`unworked`, None: not known) tells them apart: nobody waits where that is
    nothing, and no more people than that.
    """
    return Queue(moving if unworked is None else min(moving, unworked), served, lately)


def wait(before_her: Queue) -> Wait | None:
    """Return what to tell somebody with this queue before her; None where it is her turn in a moment."""
    people = before_her.waiting
    if people < WORTH_TELLING:
        return None
    step = _ROUNDED if people < _EXACT else _ROUNDED_MORE
    return Wait(round(people / step) * step, before_her.seconds)
