"""A queue served in the order of arrival by several servers that work alike (G/G/c), exactly as it would run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from math import ceil


@dataclass(frozen=True)
class Away:
    """No server works in this time, in seconds; what was in hand is begun anew afterwards."""

    since: float
    until: float


def serve(
    arrivals: Sequence[float], work: Sequence[float], servers: int, away: Sequence[Away] = ()
) -> list[float]:
    """Return when each is done. `arrivals` in ascending order, `work` for each; all in seconds.

    Raises ValueError for fewer than one server.
    """
    if servers < 1:
        raise ValueError(f"expected at least one server, found {servers}")
    free = [0.0] * servers  # a heap: its first is the server that is free next
    done = []
    for at, seconds in zip(arrivals, work, strict=True):
        ends = _ends(max(at, free[0]), seconds, away)
        heapreplace(free, ends)
        done.append(ends)
    return done


def _ends(begins: float, seconds: float, away: Sequence[Away]) -> float:
    for each in away:
        if begins < each.until and begins + seconds > each.since:
            begins = each.until
    return begins + seconds


def serve_one_after_the_other(
    arrivals: Sequence[float], stations: Sequence[tuple[Sequence[float], int]], away: Sequence[Away] = ()
) -> list[float]:
    """Return when each has passed every station, given as work and servers; the first station alone is ever away."""
    now = list(arrivals)
    for number, (work, servers) in enumerate(stations):
        order = sorted(range(len(now)), key=now.__getitem__)
        done = serve(
            [now[each] for each in order],
            [work[each] for each in order],
            servers,
            away if number == 0 else (),
        )
        for each, at in zip(order, done, strict=True):
            now[each] = at
    return now


def under_way(arrivals: Iterable[float], done: Iterable[float], moments: Iterable[float]) -> list[int]:
    """Return how many have arrived and are not done at each moment; moments in ascending order."""
    came, went = sorted(arrivals), sorted(done)
    counts, begun, ended = [], 0, 0
    for moment in moments:
        while begun < len(came) and came[begun] <= moment:
            begun += 1
        while ended < len(went) and went[ended] <= moment:
            ended += 1
        counts.append(begun - ended)
    return counts


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest value that at least this part of all do not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, ceil(part * len(ordered) - 1e-9) - 1)]
