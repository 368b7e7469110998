"""What stands in the way of a goal that was missed, in the figures of the same run. No I/O."""

from services.bench.domain.figures import Course, Figures
from services.bench.domain.goals import ISSUE, LOST, MEMORY, PRESENT, Goal, best
from services.bench.domain.plan import DRIVER
from services.bench.domain.soak import MOST_GROWTH, Soak

_DEEDS = {"Issuance": ISSUE, "Presentation": PRESENT}


def obstacles(missed: Goal, figures: Figures) -> str:
    """One sentence or two."""
    if missed.name.startswith(LOST):
        return "The reasons are below."
    if missed.name == MEMORY:
        return _grown(figures.soak)
    deed = _DEEDS.get(missed.name.partition(":")[0])
    if deed is None:
        return ""
    if missed.name.endswith("the arithmetic's"):
        return _alone(figures.course("ujuzi", deed, 1), figures.floor_ms(deed))
    return _rate(best(figures, "ujuzi", deed), best(figures, "stock", deed), figures.floor_ms(deed))


_KEPT_BY = {
    "nats": (
        "NATS keeps the newest part of each stream that is written to in memory, up to 8 MiB of each until that is full and the next one is begun, "
        "and leaves as much again to its collector until GOMEMLIMIT bounds it: a wave, not something learners leave behind. Only streams bounded at less than 32 MiB have smaller parts, of 4"
    )
}
"""What a program keeps that grows."""
_BETWEEN = "freed memory between pieces in use, which the allocator cannot give back"


def _grown(soak: Soak | None) -> str:
    grown = [process for process, gained in soak.gained_most if gained > MOST_GROWTH] if soak else []
    return " ".join(f"{process}: {_KEPT_BY.get(process, _BETWEEN)}." for process in grown)


def _rate(ours: Course | None, stock: Course | None, floor: float | None) -> str:
    if ours is None or stock is None or floor is None:
        return ""
    return (
        f"With all cores busy a rate is processor time turned round: ours takes {ours.cpu:.0f} ms, stock agents' {stock.cpu:.0f}, the arithmetic in both {floor:.0f}. "
        f"Most of ours: {_most(ours)}. What stock agents leave out costs time too: each message is kept by NATS before it is acknowledged, "
        "what is offered is compared with what was awarded, and trust and consent are checked and recorded by services apart from the agents."
    )


def _alone(alone: Course | None, floor: float | None) -> str:
    if alone is None or alone.p50 is None or floor is None:
        return ""
    return (
        f"Of {alone.p50 * 1000:.0f} ms the programs compute {alone.cpu:.0f}, the arithmetic is {floor:.0f} of these. One exchange is a row of messages (connection, offer, "
        "request, credential), each through edge, NATS and agent of both sides and stored there before the next: little of it can go on at the same time."
    )


def _most(one: Course) -> str:
    ordered = sorted(one.cpu_ms.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {ms:.0f}" for name, ms in ordered if name != DRIVER and ms >= one.cpu / 10)
