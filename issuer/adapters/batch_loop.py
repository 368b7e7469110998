"""Prepares batches that somebody asked for, one after the other, as long as the process runs."""

import asyncio
from typing import Final

from issuer.use_cases.discard_batch import DiscardBatch
from issuer.use_cases.prepare_batch import PrepareBatch

LOOK_SECONDS: Final = 1.0
"""How often to look for a batch that is to be prepared."""


class BatchLoop:
    """For `running`. What a process left half done when it died, the next one goes on with."""

    def __init__(self, prepare: PrepareBatch, discard: DiscardBatch) -> None:
        self._prepare = prepare
        self._discard = discard

    async def run(self) -> None:
        """Prepare until cancelled. Raises Unavailable while the database is away."""
        await self._discard.unfinished()
        while True:
            while await self._prepare():
                pass
            await asyncio.sleep(LOOK_SECONDS)
