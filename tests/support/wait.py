"""Wait on a condition with a deadline, never for luck."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def until[T](condition: Callable[[], T | Awaitable[T]], seconds: float, what: str) -> T:
    """Return the condition's first true value; fail, naming `what`, when the time is up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        value = condition()
        found = await value if inspect.isawaitable(value) else value
        if found:
            return found
        if loop.time() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        await asyncio.sleep(0.05)
