"""Loops that run as long as the process: restarted when they fail, cancelled when it ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from shared.ports.errors import Unavailable

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
AWAY_PAUSE = 3.0


@asynccontextmanager
async def running(**loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Keep the named loops going while the block lasts, e.g. outbox=publisher.run, offers=consumer.run.

    A loop that raises is logged and started again after a pause (1 s, 2 s … 30 s), one that raises Unavailable without
    a word after 3 s; one that returns is done.
    """
    tasks = [asyncio.create_task(_supervise(name, loop), name=name) for name, loop in loops.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def every(seconds: float, do: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A loop for `running` that does it at once, and again after each pause."""

    async def loop() -> None:
        while True:
            await do()
            await asyncio.sleep(seconds)

    return loop


async def _supervise(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    clock = asyncio.get_running_loop()
    pause = 1.0
    while True:
        started = clock.time()
        try:
            await loop()
        except Exception as error:
            if _only_away(error):
                log.debug("%s waits: %s", name, error)  # the part's adapter said it once
                await asyncio.sleep(AWAY_PAUSE)
                continue
            log.exception("%s stopped; it is started again in %.0f s", name, pause)
        else:
            return
        if clock.time() - started > LONGEST_PAUSE:
            pause = 1.0
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _only_away(error: Exception) -> bool:
    """Tell whether nothing else is wrong than that a part is away, also for a loop that did several things at once."""
    if isinstance(error, ExceptionGroup):
        return error.split(Unavailable)[1] is None
    return isinstance(error, Unavailable)
