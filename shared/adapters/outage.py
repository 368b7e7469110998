"""One line in the log when a part goes away and one when it is back, however often it was tried in between."""

import logging
import time
from collections.abc import Callable

FRESH_SECONDS = 4.0
"""Shorter than Retry-After: who comes again as told is heard."""

log = logging.getLogger(__name__)


class Outage:
    """How one part is doing, as the calls to it find."""

    def __init__(self, part: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`part` begins the line; `clock` gives seconds."""
        self._part = part
        self._clock = clock
        self._since: float | None = None
        self._latest = 0.0
        self._there = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether it was found away within the last seconds and not there since: asking again would only take time."""
        return self._since is not None and self._clock() - self._latest < FRESH_SECONDS

    def now(self) -> float:
        """When a call begins, to be said with what it found: of calls that cross, the one that began last counts."""
        return self._clock()

    def away(self, why: str, *, began: float | None = None) -> None:
        """A call found it away."""
        if began is not None and began < self._there:
            return
        self._latest = self._clock()
        if self._since is None:
            self._since = self._latest
            log.warning("%s is away: %s", self._part, why)

    def back(self, *, began: float | None = None) -> None:
        """A call found it there."""
        if began is not None and self._since is not None and began < self._since:
            return
        self._there = self._clock()
        if self._since is not None:
            log.warning("%s is back after %.0f s", self._part, self._there - self._since)
            self._since = None
