"""Memory while exchanges go on for a long time, and whether it is flat. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Self

from services.bench.domain.plan import DRIVER

MOST_GROWTH: Final = 0.05
"""Of the memory it had, that a process may have gained between the second quarter of the time and the last."""
_ENOUGH: Final = 8
"""Fewer samples tell nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident MiB of each process after so many seconds."""

    seconds: float
    rss_mib: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Soak:
    """Learners who came one every so many seconds, so many at a time at most, got a credential, proved it and left."""

    made_at: str
    minutes: float
    every_seconds: float
    in_flight: int
    finished: int
    lost: int
    doubled: int
    reasons: Mapping[str, int]
    samples: Sequence[Sample]

    @property
    def growth(self) -> Mapping[str, float]:
        """What each process but the driver gained, as a part of what it had; the first quarter, in which caches fill, is left out."""
        if len(self.samples) < _ENOUGH:
            return {}
        quarter = len(self.samples) // 4
        second, last = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        processes = set(second[0].rss_mib).intersection(*(one.rss_mib for one in (*second, *last)))
        return {
            name: median(one.rss_mib[name] for one in last) / median(one.rss_mib[name] for one in second) - 1
            for name in sorted(processes - {DRIVER})
        }

    @property
    def gained_most(self) -> Sequence[tuple[str, float]]:
        """Processes and their growth, the greatest first."""
        return sorted(self.growth.items(), key=lambda each: -each[1])

    @property
    def flat(self) -> bool | None:
        """Whether no process gained more than `MOST_GROWTH`; None where it was too short to tell."""
        return all(gained <= MOST_GROWTH for gained in self.growth.values()) if self.growth else None

    @classmethod
    def of_json(cls, read: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` wrote."""
        return cls(**{**read, "samples": tuple(Sample(**one) for one in read["samples"])})
