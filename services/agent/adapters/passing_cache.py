"""ACA-Py's cache without a walk through all of it at every look, and with an end to all that is in it."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

MOST_SECONDS = 300
"""So long anything is kept: much longer than an exchange takes."""
_SWEEP_SECONDS = 60.0

type Set = Callable[..., Awaitable[None]]


async def look(self: Any, key: str) -> Any:  # noqa: ANN401  whatever was kept
    """Return what is kept under a key, or None; what has expired is forgotten in passing."""
    kept = self._cache.get(key)
    if kept is None:
        return None
    if kept["expires"] is not None and time.perf_counter() >= kept["expires"]:
        del self._cache[key]
        return None
    return kept["value"]


def sweep(self: Any) -> None:  # noqa: ANN401  the cache
    """Forget all that has expired, once a minute at most: whoever keeps something calls this before."""
    now = time.perf_counter()
    if now < getattr(self, "_swept_again_at", 0.0):
        return
    self._swept_again_at = now + _SWEEP_SECONDS
    expired = [
        key for key, kept in self._cache.items() if kept["expires"] is not None and now >= kept["expires"]
    ]
    for key in expired:
        del self._cache[key]


def keeping_briefly(set_: Set) -> Set:
    """What keeps something; for so long as it is asked to, and never longer than MOST_SECONDS."""

    async def keep(self: Any, keys: str | Sequence[str], value: Any, ttl: float | None = None) -> None:  # noqa: ANN401
        await set_(self, keys, value, min(ttl or MOST_SECONDS, MOST_SECONDS))

    return keep
