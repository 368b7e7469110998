"""Let learners come steadily, claim, prove and leave for a long time, and note the memory of every program."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from services.bench.domain.figures import Usage
from services.bench.domain.plan import Issue, Present
from services.bench.domain.soak import Sample, Soak
from services.bench.ports import Learner, Say

_EVERY_SECONDS = 2.0
"""A learner comes: slow enough to be kept to all the time, for memory follows how fast they come."""
_IN_FLIGHT = 4
_SAMPLES = 120
"""In all, however long it takes."""
_SHORTEST_SECONDS = 1.0


async def soak(
    minutes: float,
    *,
    come: Callable[[], Awaitable[Learner]],
    usage: Callable[[], Mapping[str, Usage]],
    made_at: str,
    say: Say,
) -> Soak:
    """Go on for so many minutes, and let those who are at it then finish. Each learner has her place for as long as her share of time, longer if she takes longer."""
    began = time.perf_counter()
    samples: list[Sample] = []
    reasons: Counter[str] = Counter()
    finished = doubled = 0

    def left() -> float:
        return minutes * 60 - (time.perf_counter() - began)

    async def learner_after_learner(first: float) -> None:
        nonlocal finished, doubled
        await asyncio.sleep(first)
        while left() > 0:
            next_one = asyncio.create_task(asyncio.sleep(_EVERY_SECONDS * _IN_FLIGHT))
            try:
                guest = await come()
                for deed in (Issue(), Present(1)):
                    await guest.do(deed)
                doubled += await guest.doubled()
                await guest.leave()
            except Exception as error:  # noqa: BLE001  whatever it was, it is counted and said
                reasons[f"{type(error).__name__}: {error}".splitlines()[0][:120]] += 1
            else:
                finished += 1
            await next_one

    async def take_samples() -> None:
        pause = max(_SHORTEST_SECONDS, minutes * 60 / _SAMPLES)
        while True:
            now = {name: round(used.rss_mib, 1) for name, used in usage().items()}
            samples.append(Sample(round(time.perf_counter() - began, 1), now))
            say(
                f"{samples[-1].seconds / 60:.1f} min: {finished} learners, {sum(now.values()):.0f} MiB in all"
            )
            await asyncio.sleep(pause)

    sampling = asyncio.create_task(take_samples())
    try:
        await asyncio.gather(*(learner_after_learner(_EVERY_SECONDS * place) for place in range(_IN_FLIGHT)))
    finally:
        sampling.cancel()
    return Soak(
        made_at,
        minutes,
        _EVERY_SECONDS,
        _IN_FLIGHT,
        finished,
        reasons.total(),
        doubled,
        dict(reasons),
        tuple(samples),
    )
