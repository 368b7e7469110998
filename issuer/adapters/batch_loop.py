"""Prepares batches that somebody asked for, one after the other, as long as the process runs."""

from collections.abc import Awaitable, Callable

from issuer.use_cases.discard_batch import DiscardBatch
from issuer.use_cases.prepare_batch import PrepareBatch


class BatchLoop:
    """For `running`. What a process left half done when it died, the next one goes on with."""

    def __init__(
        self,
        prepare: PrepareBatch,
        discard: DiscardBatch,
        at_each: Callable[[Callable[[], Awaitable[None]]], Callable[[], Awaitable[None]]],
    ) -> None:
        """`at_each` makes a loop that does it whenever there may be a batch to prepare."""
        self._prepare = prepare
        self._discard = discard
        self._loop = at_each(self._all)

    async def run(self) -> None:
        """Prepare until cancelled. Raises Unavailable while the database is away."""
        await self._discard.unfinished()
        await self._loop()

    async def _all(self) -> None:
        while await self._prepare():
            pass
