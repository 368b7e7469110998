"""Figures as tables: for a terminal and for a page alike. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.bench.domain.figures import LEARNERS_AGENT, Course, Figures, SecondAgent
from services.bench.domain.goals import goals
from services.bench.domain.soak import Soak


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a heading for each column, and rows of as many cells; the first column is text, others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As Markdown, without the title."""
        aligned = ["---", *("---:" for _ in self.columns[1:])]
        lines = (self.columns, aligned, *self.rows)
        return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def tables(figures: Figures) -> tuple[Table, ...]:
    """All of them, the most important first."""
    return (
        goal_table(figures),
        rate_table(figures),
        time_table(figures),
        cpu_table(figures),
        memory_table(figures),
        floor_table(figures),
        part_table(figures),
    )


def goal_table(figures: Figures) -> Table:
    """The goals."""
    rows = [(one.name, one.wanted, one.found, one.verdict) for one in goals(figures)]
    return Table("Goals", ("goal", "wanted", "found", ""), rows)


def rate_table(figures: Figures) -> Table:
    """Stock agents and Ujuzi side by side: how many a second, and what was lost."""
    rows = []
    for deed, in_flight in _levels(figures):
        stock, ours = figures.course("stock", deed, in_flight), figures.course("ujuzi", deed, in_flight)
        ratio = f"{ours.rate / stock.rate:.2f}" if ours and stock and stock.rate else ""
        rows.append((deed, str(in_flight), *_rate(stock), *_rate(ours), ratio))
    columns = ("stock, 1/s", "lost, doubled", "Ujuzi, 1/s", "lost, doubled", "Ujuzi ÷ stock")
    return Table("Exchanges a second", ("deed", "in flight", *columns), rows)


def _levels(figures: Figures) -> Iterable[tuple[str, int]]:
    return dict.fromkeys((one.deed, one.in_flight) for one in figures.courses)


def _rate(one: Course | None) -> tuple[str, str]:
    return ("", "") if one is None else (f"{one.rate:.2f}", f"{one.lost}, {one.doubled} of {one.exchanges}")


def time_table(figures: Figures) -> Table:
    """How long one exchange took, from its beginning to its end."""
    rows = []
    for deed, in_flight in _levels(figures):
        floor = figures.floor_ms(deed)
        rows.append(
            (
                deed,
                str(in_flight),
                _times(figures.course("stock", deed, in_flight)),
                _times(figures.course("ujuzi", deed, in_flight)),
                "" if floor is None else f"{floor / 1000:.2f}",
            )
        )
    title = "Seconds of one exchange: half, 95 % and 99 % took no longer"
    return Table(title, ("deed", "in flight", "stock", "Ujuzi", "arithmetic"), rows)


def _times(one: Course | None) -> str:
    if one is None:
        return ""
    return " / ".join("-" if each is None else f"{each:.2f}" for each in (one.p50, one.p95, one.p99))


def cpu_table(figures: Figures) -> Table:
    """Processor milliseconds of each exchange by process."""
    rows = []
    for one in figures.courses:
        by_process = ", ".join(
            f"{name} {ms:.0f}"
            for name, ms in sorted(one.cpu_ms.items(), key=lambda each: -each[1])
            if ms >= 1
        )
        rows.append((one.deed, one.side, str(one.in_flight), f"{one.cpu:.0f}", by_process))
    return Table(
        "Processor time of one exchange, ms",
        ("deed", "side", "in flight", "all but the driver", "by process"),
        rows,
    )


def memory_table(figures: Figures) -> Table:
    """The most resident memory each process had at the end of a course."""
    most: dict[tuple[str, str], float] = {}
    for one in figures.courses:
        for process, mib in one.rss_mib.items():
            if process != "driver":
                most[one.side, process] = max(mib, most.get((one.side, process), 0))
    rows = [(process, side, f"{mib:.0f}") for (side, process), mib in most.items()]
    rows += [
        (f"all of {side}", side, f"{sum(mib for (of, _), mib in most.items() if of == side):.0f}")
        for side in dict.fromkeys(side for side, _ in most)
    ]
    return Table("Most resident memory, MiB", ("process", "side", "MiB"), rows)


def floor_table(figures: Figures) -> Table:
    """The bare library."""
    rows = [
        (one.deed, f"{one.total_ms:.0f}", ", ".join(f"{step} {ms:.0f}" for step, ms in one.steps_ms.items()))
        for one in figures.arithmetic
    ]
    return Table("The arithmetic alone, one thread, ms", ("deed", "all", "by step"), rows)


def part_table(figures: Figures) -> Table:
    """Parts of Ujuzi."""
    rows = [(one.name, f"{one.value:,.{one.digits}f}", one.unit) for one in figures.parts]
    return Table("Parts of Ujuzi", ("part", "figure", "unit"), rows)


def second_agent_table(second: SecondAgent) -> Table:
    """Issuing with one agent for learners' wallets, and with two."""
    rows = [
        (name, str(one.in_flight), *_rate(one), f"{one.cpu:.0f}", _agents(one))
        for name, one in (("one", second.one), ("two", second.two))
    ]
    columns = ("in flight", "1/s", "lost, doubled", "all but the driver, ms", "agents, ms")
    return Table("Agents for learners' wallets", ("agents", *columns), rows)


def _agents(one: Course) -> str:
    return " + ".join(
        f"{ms:.0f}" for name, ms in sorted(one.cpu_ms.items()) if name.startswith(LEARNERS_AGENT)
    )


def soak_table(soak: Soak) -> Table:
    """Memory of each process, at the beginning, and how much it grew once caches were filled."""
    first, last = soak.samples[0].rss_mib, soak.samples[-1].rss_mib
    rows = [
        (
            name,
            f"{first[name]:.0f}",
            f"{last[name]:.0f}",
            f"{soak.growth[name]:+.1%}" if name in soak.growth else "",
        )
        for name in first
        if name in last
    ]
    title = f"{soak.minutes:g} minutes: {soak.finished} learners, {soak.lost} lost, {soak.doubled} doubled"
    return Table(title, ("process", "first, MiB", "last, MiB", "second quarter to last"), rows)
