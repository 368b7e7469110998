"""What was measured, and how it is written down. No I/O."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from typing import Any, Self

from services.bench.domain.plan import DRIVER, Side
from services.bench.domain.soak import Soak


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least so many percent do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1]


LEARNERS_AGENT = "wallet-agent"
"""How agents for learners' wallets are called, with what tells them apart after it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process has used so far."""

    cpu_seconds: float
    rss_mib: float


AT_REST = 0.2
"""Of one core: what a side takes at most that has nothing to do."""


def busy_seconds(used: Mapping[str, Usage]) -> float:
    """Processor time of a side: of all but the driver."""
    return sum(one.cpu_seconds for process, one in used.items() if process != DRIVER)


@dataclass(frozen=True, slots=True)
class Course:
    """One level of one deed by one side.

    `rate` is exchanges finished a second, between the first one's beginning and the last one's end: what was given up is
    not in it. Times are seconds of each that finished; `cpu_ms` by process, for each that finished.
    """

    side: Side
    deed: str
    in_flight: int
    exchanges: int
    finished: int
    lost: int
    doubled: int
    seconds: float
    rate: float
    p50: float | None
    p95: float | None
    p99: float | None
    cpu_ms: Mapping[str, float]
    rss_mib: Mapping[str, float]
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why exchanges were lost, and how many for each reason."""

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time of all processes of its side, for each that finished."""
        return sum(taken for process, taken in self.cpu_ms.items() if process != DRIVER)

    def in_short(self) -> str:
        """One line while it runs."""
        lost = f", {self.lost} lost" * bool(self.lost) + f", {self.doubled} doubled" * bool(self.doubled)
        half = "" if self.p50 is None else f", p50 {self.p50:.2f} s"
        return f"{self.side}: {self.deed}, {self.in_flight} in flight: {self.rate:.2f}/s{half}{lost}"


def course(
    side: Side,
    deed: str,
    in_flight: int,
    exchanges: int,
    *,
    times: Sequence[float],
    seconds: float,
    doubled: int,
    before: Mapping[str, Usage],
    after: Mapping[str, Usage],
    reasons: Mapping[str, int],
) -> Course:
    """Return the figures of a course; `seconds` from its beginning to the last exchange that finished."""
    finished = len(times)
    return Course(
        side=side,
        deed=deed,
        in_flight=in_flight,
        exchanges=exchanges,
        finished=finished,
        lost=exchanges - finished,
        doubled=doubled,
        seconds=round(seconds, 2),
        rate=round(finished / seconds, 3) if finished else 0.0,
        p50=_rounded(percentile(times, 50)),
        p95=_rounded(percentile(times, 95)),
        p99=_rounded(percentile(times, 99)),
        cpu_ms={
            name: round(1000 * (used.cpu_seconds - before[name].cpu_seconds) / finished, 1)
            for name, used in after.items()
            if finished and name in before
        },
        rss_mib={name: round(used.rss_mib, 1) for name, used in after.items()},
        reasons=reasons,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What the anoncreds library alone takes for a deed: processor milliseconds of each step, on one thread."""

    deed: str
    steps_ms: Mapping[str, float]

    @property
    def total_ms(self) -> float:
        """Of all steps, one after the other."""
        return sum(self.steps_ms.values())


@dataclass(frozen=True, slots=True)
class Part:
    """One more figure, of a part of Ujuzi."""

    name: str
    value: float
    unit: str
    digits: int = 1
    """How many after the point are shown."""


@dataclass(frozen=True, slots=True)
class Machine:
    """On what it ran, and how busy that was with other things: load average over a minute, before and after."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    versions: Mapping[str, str]
    load_before: float
    load_after: float


@dataclass(frozen=True, slots=True)
class SecondAgent:
    """The same course of issuing, with one agent for learners' wallets and with two that share them."""

    made_at: str
    cores: int
    one: Course
    two: Course

    @property
    def times(self) -> float:
        """How much faster two are."""
        return self.two.rate / self.one.rate if self.one.rate else 0.0

    @property
    def agents_ms(self) -> tuple[float, tuple[float, ...]]:
        """Processor time of an exchange in the one agent, and in each of the two."""
        one, two = (
            tuple(ms for name, ms in sorted(each.cpu_ms.items()) if name.startswith(LEARNERS_AGENT))
            for each in (self.one, self.two)
        )
        return sum(one), two

    @property
    def cores_wanted(self) -> int:
        """So many that each of the two agents could keep one busy while all other programs, driver included, keep up."""
        busiest = max(self.agents_ms[1], default=0.0)
        return ceil(sum(self.two.cpu_ms.values()) / busiest) if busiest else 0


@dataclass(frozen=True, slots=True)
class Figures:
    """A whole run."""

    plan: str
    made_at: str
    """UTC, ISO 8601."""
    took_seconds: float
    machine: Machine
    courses: Sequence[Course]
    arithmetic: Sequence[Arithmetic]
    parts: Sequence[Part]
    planned: int
    """How many courses the plan has: where fewer were run, it was ended before."""
    soak: Soak | None = None
    second_agent: SecondAgent | None = None

    def course(self, side: Side, deed: str, in_flight: int) -> Course | None:
        """One course, if it was run."""
        return next(
            (one for one in self.courses if (one.side, one.deed, one.in_flight) == (side, deed, in_flight)),
            None,
        )

    def floor_ms(self, deed: str) -> float | None:
        """The arithmetic of a deed, if it was measured."""
        return next((one.total_ms for one in self.arithmetic if one.deed == deed), None)

    @property
    def whole(self) -> bool:
        """Whether all was run."""
        return len(self.courses) == self.planned

    def with_courses(self, *courses: Course) -> Self:
        """The same run with these courses instead."""
        return replace(self, courses=courses)

    @property
    def ours_kept(self) -> bool:
        """Whether Ujuzi did something, lost nothing and doubled nothing."""
        ours = [one for one in self.courses if one.side == "ujuzi"]
        return bool(ours) and not any(one.lost or one.doubled for one in ours)

    def to_json(self) -> str:
        """As a document."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def of_json(cls, text: str) -> Self:
        """Read such a document. Raises ValueError, KeyError or TypeError where it is another one."""
        read: dict[str, Any] = json.loads(text)
        return cls(
            plan=read["plan"],
            made_at=read["made_at"],
            took_seconds=read["took_seconds"],
            machine=Machine(**read["machine"]),
            courses=tuple(Course(**one) for one in read["courses"]),
            arithmetic=tuple(Arithmetic(**one) for one in read["arithmetic"]),
            parts=tuple(Part(**one) for one in read["parts"]),
            planned=read["planned"],
            soak=Soak.of_json(read["soak"]) if read.get("soak") else None,
            second_agent=_second_agent(read.get("second_agent")),
        )


def _second_agent(read: Mapping[str, Any] | None) -> SecondAgent | None:
    if not read:
        return None
    return SecondAgent(read["made_at"], read["cores"], Course(**read["one"]), Course(**read["two"]))
