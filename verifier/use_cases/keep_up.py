"""Keep up with the status lists of credentials that are shown here, so that little is unknown when a host goes away."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from verifier.ports import FollowRegistries, ReadNewestStatus

log = logging.getLogger(__name__)

FOLLOWED_FOR: Final = timedelta(days=30)
"""Since an answer was last judged by it."""
MOST_FOLLOWED: Final = 500
AT_ONCE: Final = 4


class KeepUp:
    """Run on a timer."""

    def __init__(self, registries: FollowRegistries, read: ReadNewestStatus, *, clock: Clock) -> None:
        self._registries = registries
        self._read = read
        self._clock = clock

    async def __call__(self) -> None:
        """Fetch each registry's newest status list; a host that is away holds up no other."""
        followed = await self._registries.registries(
            used_since=self._clock() - FOLLOWED_FOR, limit=MOST_FOLLOWED
        )
        slots = asyncio.Semaphore(AT_ONCE)

        async def look(registry_id: str) -> None:
            async with slots:
                try:
                    await self._read.newest_status_list(registry_id, fresh=True)
                except UjuziError as error:
                    log.debug("the newest status list of %s stays unknown: %s", registry_id, error)

        await asyncio.gather(*(look(each) for each in followed))
