"""Say once when a pinned trust list becomes stale or is refused, and when it is in order again."""

import logging

from shared.ports.clock import Clock
from verifier.domain.standing import Standing, standing_of
from verifier.ports import KnowTrust, TellOfLists

log = logging.getLogger(__name__)


class WatchLists:
    """Run on a timer; staleness comes with time, not with a look."""

    def __init__(self, trust: KnowTrust, standings: TellOfLists, *, clock: Clock) -> None:
        self._trust = trust
        self._standings = standings
        self._clock = clock
        self._seen: dict[str, tuple[Standing, int]] = {}

    async def __call__(self) -> None:
        """Raises Unavailable, and then nothing was told."""
        now = self._clock()
        snapshots = {each.url: each for each in self._trust.snapshots()}
        if gone := self._seen.keys() - snapshots.keys():
            await self._standings.keep_only(snapshots.keys())
            for url in gone:
                del self._seen[url]
        for url, snapshot in snapshots.items():
            standing = standing_of(snapshot, now)
            seen = (standing, 0 if snapshot.trust_list is None else snapshot.trust_list.sequence)
            if self._seen.get(url) == seen:
                continue
            for each in await self._standings.tell(snapshot, standing):
                log.warning("trust list %s: %s", snapshot.name, each)
            self._seen[url] = seen
