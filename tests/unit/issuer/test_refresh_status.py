"""The heartbeat of status lists."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from issuer.domain.organisation import Organisation
from issuer.errors import AgentRefuses
from issuer.use_cases.refresh_status import AT_ONCE, FRESH_FOR, RefreshStatus
from tests.support.issuer import DID, ORG, START, FakeAgent, FakeClock, FakePublications, MemoryRecords


class Aging(FakePublications):
    """Has one list, published at START."""

    async def aging_registries(self, did: str, *, before: datetime) -> Sequence[str]:
        return [f"registry of {did}"] if before > START else []


class Republishing(FakeAgent):
    """Notes what it published anew."""

    def __init__(self) -> None:
        super().__init__()
        self.republished: list[str] = []
        self.refused = ""

    async def republish_status(self, rev_reg_id: str) -> None:
        if rev_reg_id == self.refused:
            raise AgentRefuses("cannot")
        self.republished.append(rev_reg_id)


async def test_a_list_is_published_anew_before_it_is_too_old_for_verifiers() -> None:
    records, agent, clock = MemoryRecords(), Republishing(), FakeClock()
    refresh = RefreshStatus(records, agent, Aging(agent), clock)
    await refresh()
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation(ORG, "Test", "KE", DID))
    await refresh()
    assert agent.republished == []
    clock.now = START + FRESH_FOR + timedelta(seconds=1)
    await refresh()
    assert agent.republished == [f"registry of {DID}"]


async def test_the_lists_of_all_organisations_are_kept_fresh_although_one_cannot_be() -> None:
    records, agent, clock = MemoryRecords(), Republishing(), FakeClock()
    async with records.transaction() as tx:
        for number in range(AT_ONCE + 2):
            await tx.add_organisation(Organisation(f"org-{number:03}", "Test", "KE", f"did:{number}"))
    clock.now, agent.refused = START + FRESH_FOR + timedelta(seconds=1), "registry of did:1"
    with pytest.raises(AgentRefuses, match="cannot"):
        await RefreshStatus(records, agent, Aging(agent), clock)()
    assert agent.republished == [f"registry of did:{number}" for number in range(AT_ONCE + 2) if number != 1]
