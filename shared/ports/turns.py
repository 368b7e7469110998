"""One at a time: the port, and what suffices where a party is one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class TakeTurns(Protocol):
    """Work on one thing by one task at a time, in whichever of a party's processes it runs."""

    def __call__(self, key: str) -> AbstractAsyncContextManager[None]:
        """Hold the key's turn inside the block. Raises Unavailable."""


class OneAtATime:
    """The port TakeTurns within this process: a lock per key that exists only while somebody holds or awaits it."""

    def __init__(self) -> None:
        """Nobody has a turn."""
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def is_free(self, key: str) -> bool:
        """Whether nobody in this process holds or awaits it."""
        return key not in self._locks

    @asynccontextmanager
    async def __call__(self, key: str) -> AsyncIterator[None]:
        """Hold the key's lock inside the block."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            _, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)
