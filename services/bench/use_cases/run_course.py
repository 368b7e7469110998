"""Let learners do one thing, so many at a time, and measure it."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

from services.bench.domain.figures import Course, course
from services.bench.domain.plan import Deed, Level, Side
from services.bench.ports import Learner, Perform

_LOOK_SECONDS = 0.5


async def run_course(
    side: Side,
    perform: Perform,
    deed: Deed,
    level: Level,
    learners: Sequence[Learner],
    *,
    stall_seconds: float,
) -> Course:
    """Run the level; each learner acts once, and nothing is tried again.

    When nothing has finished for `stall_seconds`, whatever has not is given up and counts as lost.
    """
    waiting = iter(learners)
    times: list[float] = []
    reasons: Counter[str] = Counter()
    before, began = perform.usage(), time.perf_counter()
    last = began

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
        if time.perf_counter() - last > stall_seconds:
            break
    for worker in pending:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    given_up = len(learners) - len(times) - reasons.total()
    if given_up:
        reasons[f"nothing finished for {stall_seconds:.0f} s"] += given_up
    after = perform.usage()
    doubled = sum([await learner.doubled() for learner in learners])
    return course(
        side, deed.name, level.in_flight, len(learners),
        times=times, seconds=last - began, doubled=doubled, before=before, after=after, reasons=dict(reasons),
    )  # fmt: skip


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:120]
