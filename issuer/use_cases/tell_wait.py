"""Tell how many wait for the issuer's part of their claims: to one of them, and to whoever runs the service."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from issuer.domain.award import Accepted, Award, Invited
from issuer.domain.queue import FRESH, LATELY, MEASURED, Queue, Wait, queue, wait
from shared.ports.clock import Clock

_KEPT: Final = timedelta(seconds=2)
"""How long what holds for everybody is not asked again: many ask at once when there is something to wait for."""


class CountClaims(Protocol):
    """Counts claims of all organisations."""

    async def moving(self, *, since: datetime, before: datetime) -> int:
        """Count whose next step is the issuer's, or may be, and who took her last one in this time."""

    async def served(self, *, since: datetime) -> int:
        """Count for whom the issuer did its next step since then."""


class CountWork(Protocol):
    """Knows what the agent told the issuer."""

    async def unworked(self) -> int | None:
        """Return how much of it is not worked off; None if that is not known now."""


@dataclass
class _Known:
    at: datetime
    unworked: int | None
    served: int
    lately: int


@dataclass(frozen=True)
class TellWait:
    """Reads only."""

    claims: CountClaims
    work: CountWork
    clock: Clock
    _known: list[_Known] = field(default_factory=list)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def queue(self) -> Queue:
        """Return how many wait in all."""
        return await self._before(self.clock())

    async def for_who_begins_now(self) -> Wait | None:
        """Return for how long somebody waits who begins her claim now."""
        return wait(await self.queue())

    async def __call__(self, award: Award) -> Wait | None:
        """Return for how long a learner waits still; None if she does not wait for the issuer, or only a moment."""
        if not isinstance(award.state, Invited | Accepted):
            return None
        return wait(await self._before(award.updated_at))

    async def _before(self, moment: datetime) -> Queue:
        known = await self._now_known()
        moving = await self.claims.moving(since=self.clock() - FRESH, before=moment)
        return queue(moving, known.unworked, known.served, known.lately)

    async def _now_known(self) -> _Known:
        async with self._asking:
            now = self.clock()
            if not self._known or now - self._known[0].at >= _KEPT:
                served = await self.claims.served(since=now - MEASURED)
                lately = await self.claims.served(since=now - LATELY)
                self._known[:] = [_Known(now, await self.work.unworked(), served, lately)]
            return self._known[0]
