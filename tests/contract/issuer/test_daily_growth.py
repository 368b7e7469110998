"""What is kept for ever grows by a known size a day, whatever the number of those who look at it; what is read each time hardly grows."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from issuer.adapters.acapy_agent import REGISTRY_SIZE
from issuer.adapters.did_publications import DidPublications
from issuer.domain.organisation import Organisation
from issuer.main import HEARTBEAT_SECONDS, MIGRATIONS
from issuer.use_cases.refresh_status import RefreshStatus
from shared.adapters.did_host import DidHost
from shared.vc.attested_resource import REV_REG_DEF, STATUS_LIST
from shared.vc.webvh import split_resource_id
from tests.support.databases import migrated
from tests.support.issuer import ORG, START, FakeAgent, FakeClock, MemoryRecords

DAYS = 7
LISTS_A_DAY = 2
LARGEST_LIST = 5 * 1024
LARGEST_LINK = 300


class Republishing(FakeAgent):
    """Publishes the list again as it is, under the time that it is."""

    def __init__(self, host: DidHost, clock: FakeClock) -> None:
        super().__init__()
        self._host, self._clock = host, clock

    async def republish_status(self, rev_reg_id: str) -> None:
        did, _ = split_resource_id(rev_reg_id)
        content = {
            "issuerId": did,
            "revRegDefId": rev_reg_id,
            "revocationList": [0] * REGISTRY_SIZE,
            "timestamp": int(self._clock().timestamp()),
        }
        await self._host.publish(did, STATUS_LIST, "list", content, updates=rev_reg_id)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[DidHost]:
    async with migrated(f"sqlite:///{tmp_path}/test.db", MIGRATIONS) as db:
        yield DidHost(db, bytes(32), "issuer.ujuzi.test")


async def size_of(host: DidHost, resource_id: str) -> int:
    did, digest = split_resource_id(resource_id)
    served = await host.resource(tuple(did.split(":")[4:]), digest)
    assert served is not None
    return len(json.dumps(served.resource))


async def test_after_a_month_a_definition_grows_by_one_link_a_month(host: DidHost) -> None:
    """Whoever proves or checks reads it anew each time."""
    clock = FakeClock()
    agent, did = Republishing(host, clock), await DidPublications(host).ensure_did("test")
    registry = (await host.publish(did, REV_REG_DEF, "registry", {"issuerId": did}))["id"]
    sizes = []
    for half_day in range(2 * 150):
        clock.now += timedelta(hours=12)
        await agent.republish_status(registry)
        if half_day in {2 * 31, 2 * 149}:
            sizes.append(await size_of(host, registry))
    assert sizes[1] - sizes[0] <= 5 * LARGEST_LINK
    assert len(await host.resource_ids(("orgs", "test"), STATUS_LIST)) == 2 * 150, "the lists themselves stay"


async def test_the_heartbeat_adds_two_small_lists_a_day_to_each_registry(host: DidHost) -> None:
    publications, records, clock = DidPublications(host), MemoryRecords(), FakeClock()
    did = await publications.ensure_did("test")
    async with records.transaction() as tx:
        await tx.add_organisation(Organisation(ORG, "Test", "KE", did))
    agent = Republishing(host, clock)
    registries = [
        (await host.publish(did, REV_REG_DEF, "registry", {"issuerId": did, "tag": tag}))["id"]
        for tag in ("active", "backup")
    ]
    for registry in registries:
        await agent.republish_status(registry)
    before = [await size_of(host, registry) for registry in registries]
    refresh = RefreshStatus(records, agent, publications, clock)

    for _ in range(int(DAYS * 86_400 / HEARTBEAT_SECONDS)):
        clock.now += timedelta(seconds=HEARTBEAT_SECONDS)
        await refresh()

    assert clock.now == START + timedelta(days=DAYS)
    lists = await host.resource_ids(("orgs", "test"), STATUS_LIST)
    assert len(lists) <= len(registries) * (1 + DAYS * LISTS_A_DAY)
    assert max([await size_of(host, one) for one in lists]) <= LARGEST_LIST
    for registry, size in zip(registries, before, strict=True):
        assert (await size_of(host, registry) - size) / (DAYS * LISTS_A_DAY) <= LARGEST_LINK
