"""Wait on a condition with a deadline, never for luck."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, overload


@overload
async def until[T](condition: Callable[[], Awaitable[T | None]], seconds: float, what: str) -> T: ...
@overload
async def until[T](condition: Callable[[], T | None], seconds: float, what: str) -> T: ...
async def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
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
