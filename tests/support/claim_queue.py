"""Stand-ins for what counts claims that are under way."""

from dataclasses import dataclass
from datetime import datetime

from issuer.domain.award import Accepted, Award, Invited, Issued, Offered
from tests.support.issuer import MemoryRecords


@dataclass
class MemoryClaimCounts:
    """Counts what is in memory."""

    records: MemoryRecords

    async def moving(self, *, since: datetime, before: datetime) -> int:
        return sum(since <= each.updated_at < before and _waits(each) for each in self._awards())

    async def served(self, *, since: datetime) -> int:
        served = (Offered, Accepted, Issued)
        return sum(isinstance(each.state, served) and each.updated_at >= since for each in self._awards())

    def _awards(self) -> list[Award]:
        return list(self.records.kept.all_awards.values())


def _waits(award: Award) -> bool:
    match award.state:
        case Invited() | Accepted(_, None):
            return True
        case _:
            return False


@dataclass
class FakeWork:
    """So much is not worked off; None: nobody knows."""

    left: int | None = 0

    async def unworked(self) -> int | None:
        return self.left
