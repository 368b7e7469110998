"""The heartbeat of status lists."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from issuer.domain.organisation import Organisation
from issuer.use_cases.refresh_status import FRESH_FOR, RefreshStatus
from tests.support.issuer import DID, START, FakeAgent, FakeClock, FakePublications, MemoryRecords


class Aging(FakePublications):
    """Has one list, published at START."""

    async def aging_registries(self, did: str, *, before: datetime) -> Sequence[str]:
        assert did == DID
        return ["registry"] if before > START else []


class Republishing(FakeAgent):
    """Notes what it published anew."""

    def __init__(self) -> None:
        super().__init__()
        self.republished: list[str] = []

    async def republish_status(self, rev_reg_id: str) -> None:
        self.republished.append(rev_reg_id)


async def test_a_list_is_published_anew_before_it_is_too_old_for_verifiers() -> None:
    records, agent, clock = MemoryRecords(), Republishing(), FakeClock()
    refresh = RefreshStatus(records, agent, Aging(agent), clock)
    await refresh()
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation("test", "Test", "KE", DID))
    await refresh()
    assert agent.republished == []
    clock.now = START + FRESH_FOR + timedelta(seconds=1)
    await refresh()
    assert agent.republished == ["registry"]
