"""Note in the history of awards that their links have come to an end; the awards themselves go on waiting."""

from dataclasses import dataclass
from typing import Final

from issuer.domain.delivery import last_places_day
from issuer.domain.history import What
from issuer.ports import DeliveryRecords
from shared.ports.clock import Clock

_AT_ONCE: Final = 200


@dataclass(frozen=True)
class NoteExpiredLinks:
    """Runs on a timer; each end is noted once."""

    records: DeliveryRecords
    clock: Clock

    async def __call__(self) -> int:
        """Return how many links ended."""
        noted = 0
        while some := await self._some():
            noted += some
        return noted

    async def _some(self) -> int:
        now = self.clock()
        async with self.records.transaction() as tx:
            ended = await tx.expired_links(before=last_places_day(now), limit=_AT_ONCE)
            for organisation, award_id in ended:
                award = await tx.award(organisation, award_id)
                if award is not None:
                    await tx.note(award, What.LINK_EXPIRED, at=now)
        return len(ended)
