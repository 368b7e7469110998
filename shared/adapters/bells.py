"""Who waits for news of one thing is woken at once, within this process; the news itself is read where it is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

type Wait = Callable[[], Awaitable[None]]


class Bells:
    """A bell for each key somebody waits for."""

    def __init__(self, *, look_seconds: float) -> None:
        """`look_seconds`: so often whoever waits looks without being told, for what another process did."""
        self._look_seconds = look_seconds
        self._heard: dict[str, set[asyncio.Event]] = {}

    def ring(self, key: str) -> None:
        """There is news of this key."""
        for rung in self._heard.get(key, ()):
            rung.set()

    def ring_after(self, session: AsyncSession, key: str) -> None:
        """There is news of this key once the transaction of `session` commits, and only then."""
        event.listen(session.sync_session, "after_commit", lambda _: self.ring(key), once=True)

    def at_each(self, key: str, do: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """A loop for `background.running` that does it at once, and again after each ring or look."""

        async def loop() -> None:
            with self.listening(key) as wait:
                while True:
                    await do()
                    await wait()

        return loop

    @contextmanager
    def listening(self, key: str) -> Iterator[Wait]:
        """Inside, `await wait()` returns at the first ring since it last returned, or when it is time to look."""
        rung = asyncio.Event()
        self._heard.setdefault(key, set()).add(rung)

        async def wait() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await rung.wait()
            rung.clear()

        try:
            yield wait
        finally:
            self._heard[key].discard(rung)
            if not self._heard[key]:
                del self._heard[key]
