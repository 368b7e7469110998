"""ACA-Py's cache without a walk through all of it at every look."""

import time
from typing import Any

_SWEEP_SECONDS = 60.0


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
