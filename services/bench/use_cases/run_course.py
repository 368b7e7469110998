"""Let learners do one thing, so many at a time, and measure it."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from services.bench.domain.figures import AT_REST, Course, busy_seconds, course
from services.bench.domain.plan import Deed, Level, Side
from services.bench.ports import Learner, Perform

_LOOK_SECONDS = 0.5
_GENTLY = 4
_AT_MOST = 5


async def run_course(
    side: Side,
    perform: Perform,
    deed: Deed,
    level: Level,
    learners: Sequence[Learner],
    *,
    stall_seconds: float,
) -> Course:
    """Run the level; each learner acts once, and nothing is tried again. Her wallet is open before, and locked after.

    When for `stall_seconds` nothing has finished and the side did next to nothing either, whatever has not finished is
    given up and counts as lost; so it is after five times as long, whatever the side does. (Many at once move step by
    step together: for minutes none of them finishes.)
    """
    await _each(
        learners, lambda learner: learner.enter(), Counter()
    )  # a wallet that stays locked shows in the course
    waiting = iter(learners)
    times: list[float] = []
    reasons: Counter[str] = Counter()
    before, began = perform.usage(), time.perf_counter()
    last = moved = began
    spent = busy_seconds(before)

    async def work() -> None:
        nonlocal last
        for learner in waiting:
            started = time.perf_counter()
            try:
                await learner.do(deed)
            except Exception as error:  # noqa: BLE001  whatever it was, it is counted and said
                reasons[_in_short(error)] += 1
            else:
                last = time.perf_counter()
                times.append(last - started)

    workers = [asyncio.create_task(work()) for _ in range(level.in_flight)]
    pending = set(workers)
    while pending:
        _, pending = await asyncio.wait(pending, timeout=_LOOK_SECONDS)
        now, spent_now = time.perf_counter(), busy_seconds(perform.usage())
        if spent_now - spent > AT_REST * _LOOK_SECONDS:
            moved = now
        spent = spent_now
        if now - max(last, moved) > stall_seconds or now - last > _AT_MOST * stall_seconds:
            break
    for worker in pending:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    given_up = len(learners) - len(times) - reasons.total()
    if given_up:
        reasons["nothing finished any more"] += given_up
    after = perform.usage()
    doubled = await _doubled(learners, reasons)
    await _each(learners, lambda learner: learner.leave(), Counter())
    return course(
        side, deed.name, level.in_flight, len(learners),
        times=times, seconds=last - began, doubled=doubled, before=before, after=after, reasons=dict(reasons),
    )  # fmt: skip


async def _doubled(learners: Sequence[Learner], reasons: Counter[str]) -> int:
    """How many; what cannot be shown to be single counts, and is among the reasons."""
    doubled, unanswered = 0, Counter[str]()

    async def count(learner: Learner) -> None:
        nonlocal doubled
        doubled += await learner.doubled()

    await _each(learners, count, unanswered)
    reasons.update({f"not known whether doubled: {reason}": n for reason, n in unanswered.items()})
    return doubled + unanswered.total()


async def _each(
    learners: Sequence[Learner], do: Callable[[Learner], Awaitable[None]], reasons: Counter[str]
) -> None:
    """A few at a time, since it is outside the clock; whatever fails is counted and ends nothing."""
    waiting = iter(learners)

    async def work() -> None:
        for learner in waiting:
            try:
                await do(learner)
            except Exception as error:  # noqa: BLE001  as above
                reasons[_in_short(error)] += 1

    await asyncio.gather(*(work() for _ in range(_GENTLY)))


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:120]
