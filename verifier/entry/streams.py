"""How a request stands as server-sent events: at once, and after each change."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Final

from shared.ports.errors import Unavailable
from verifier.domain.request import FINAL, Request

UNBUFFERED: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Headers by which what stands between passes each event on at once."""
AWAY_SECONDS: Final = 2.0
"""How long to wait for a database that is away."""
HEARTBEAT_SECONDS: Final = 15.0
"""How long nothing is said at most."""


async def states(
    find: Callable[[], Awaitable[Request | None]],
    following: AbstractContextManager[Callable[[], Awaitable[None]]],
    say: Callable[[Request], str],
    *,
    seconds: float = float("inf"),
) -> AsyncGenerator[str]:
    """What `say` says of the request, whenever it says something else; ends when it is final or gone, or after so many seconds.

    Reads the stored state, so that it does not matter which process changed it.
    """
    clock = asyncio.get_running_loop().time
    began = said = clock()
    told = None
    with following as changed:
        while clock() - began < seconds:
            try:
                request = await find()
            except Unavailable:
                yield ": cannot look now\n\n"
                await asyncio.sleep(AWAY_SECONDS)
                continue
            if request is None:
                return
            if (now := say(request)) != told:
                told, said = now, clock()
                yield f"event: state\ndata: {now}\n\n"
            if isinstance(request, FINAL):
                return
            if clock() - said >= HEARTBEAT_SECONDS:
                said = clock()
                yield ": still waiting\n\n"
            await changed()
