"""Who waits for news of one thing is woken at once, within this process; the news itself is read where it is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

type Wait = Callable[[], Awaitable[None]]


class Bells:
    """A bell for each key somebody waits for."""

    def __init__(self, *, look_seconds: float) -> None:
        """`look_seconds`: so often whoever waits looks without being told, for what another process did."""
        self._look_seconds = look_seconds
        self._heard: dict[str, set[asyncio.Event]] = {}

    def ring(self, key: str) -> None:
        """There is news of this key."""
        for event in self._heard.get(key, ()):
            event.set()

    @contextmanager
    def listening(self, key: str) -> Iterator[Wait]:
        """Inside, `await wait()` returns at the first ring since it last returned, or when it is time to look."""
        event = asyncio.Event()
        self._heard.setdefault(key, set()).add(event)

        async def wait() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await event.wait()
            event.clear()

        try:
            yield wait
        finally:
            self._heard[key].discard(event)
            if not self._heard[key]:
                del self._heard[key]
