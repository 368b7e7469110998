"""The goals, each beside what was found. No I/O."""

from dataclasses import dataclass
from typing import Final

from services.bench.domain.figures import Course, Figures, SecondAgent
from services.bench.domain.plan import Issue, Present, Side
from services.bench.domain.soak import MOST_GROWTH, Soak

FASTER: Final = 1.6
NEAR_THE_FLOOR: Final = 1.5
SCALES: Final = 1.7
ISSUE: Final = Issue().name
MEMORY: Final = "Memory over an hour"
LOST: Final = "Lost and doubled"
PRESENT: Final = Present(1).name
"""The request that is compared: one predicate, and that the credential stands."""


@dataclass(frozen=True, slots=True)
class Goal:
    """`met` is None where it was not measured; `found` then says why."""

    name: str
    wanted: str
    found: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """In a word."""
        return {True: "met", False: "missed", None: "not measured"}[self.met]


def goals(figures: Figures) -> tuple[Goal, ...]:
    """Every goal, judged by this run alone."""
    return (
        _kept(figures),
        *(_faster(figures, name, deed) for name, deed in (("Issuance", ISSUE), ("Presentation", PRESENT))),
        *(_near(figures, name, deed) for name, deed in (("Issuance", ISSUE), ("Presentation", PRESENT))),
        _scales(figures.second_agent),
        _flat(figures.soak),
    )


def best(figures: Figures, side: Side, deed: str) -> Course | None:
    """The fastest course of a side; of stock agents too whatever they lost in it."""
    found = [one for one in figures.courses if (one.side, one.deed) == (side, deed)]
    return max(found, key=lambda one: one.rate, default=None)


def _kept(figures: Figures) -> Goal:
    ours = [one for one in figures.courses if one.side == "ujuzi"]
    most = max((one.in_flight for one in ours), default=0)
    at_most = [one for one in ours if one.in_flight == most]
    lost, doubled = sum(one.lost for one in at_most), sum(one.doubled for one in at_most)
    number = sum(one.exchanges for one in at_most)
    return Goal(
        f"{LOST}, {most} in flight",
        "0 and 0",
        f"{lost} and {doubled} of {number} exchanges" if ours else "nothing was run",
        not lost and not doubled if ours else None,
    )


def _faster(figures: Figures, name: str, deed: str) -> Goal:
    ours, stock = best(figures, "ujuzi", deed), best(figures, "stock", deed)
    goal = f"{name}: best rate beside stock ACA-Py's"
    if ours is None or stock is None or not stock.rate:
        return Goal(goal, f"≥ {FASTER} times", "one side finished nothing", None)
    ratio = ours.rate / stock.rate
    found = f"{ratio:.2f} times ({ours.rate:.2f}/s at {ours.in_flight} in flight; stock {stock.rate:.2f}/s at {stock.in_flight})"
    return Goal(goal, f"≥ {FASTER} times", found, ratio >= FASTER)


def _near(figures: Figures, name: str, deed: str) -> Goal:
    alone, floor = figures.course("ujuzi", deed, 1), figures.floor_ms(deed)
    goal = f"{name}: time of one alone beside the arithmetic's"
    if alone is None or alone.p50 is None or not floor:
        return Goal(goal, f"≤ {NEAR_THE_FLOOR} times", "one of the two is missing", None)
    ratio = alone.p50 * 1000 / floor
    found = f"{ratio:.2f} times ({alone.p50 * 1000:.0f} ms; arithmetic {floor:.0f} ms)"
    return Goal(goal, f"≤ {NEAR_THE_FLOOR} times", found, ratio <= NEAR_THE_FLOOR)


def _scales(second: SecondAgent | None) -> Goal:
    name, wanted = "A second agent process", f"≥ {SCALES} times where a core is free for it"
    if second is None:
        return Goal(name, wanted, "`ujuzi bench --second-agent` measures it", None)
    alone, shared = second.agents_ms
    found = (
        f"{second.times:.2f} times ({second.one.rate:.2f} and {second.two.rate:.2f}/s) on {second.cores} cores; an exchange takes one agent "
        f"{alone:.0f} ms, two {' + '.join(f'{each:.0f}' for each in shared)}"
    )
    if second.cores < second.cores_wanted:
        return Goal(name, wanted, f"{found}; all programs would need {second.cores_wanted} cores", None)
    return Goal(name, wanted, found, second.times >= SCALES)


def _flat(soak: Soak | None) -> Goal:
    wanted = f"no process gains more than {MOST_GROWTH:.0%}"
    if soak is None or not soak.growth:
        return Goal(MEMORY, wanted, "`ujuzi bench --soak 60` measures it", None)
    most = ", ".join(f"{gained:+.1%} ({process})" for process, gained in soak.gained_most[:2])
    found = f"those that gained most over {soak.minutes:g} minutes: {most}"
    return Goal(MEMORY, wanted, found, soak.flat)
