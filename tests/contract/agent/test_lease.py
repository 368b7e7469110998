"""The port Lease: leave to work with the stores, which one agent process has at a time.

The suite runs on the stand-in of the unit tests and on the real thing; what only NATS can show follows below.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nats.aio.client import ServerVersion
from nats.js.errors import BadRequestError

from services.agent.adapters.jetstream_lease import (
    JetStreamLease,
    SharedLease,
    delete_other_consumers,
    take_lease,
)
from services.agent.adapters.store_folder import StoreFolder
from services.agent.errors import LeaseHeld, LeaseLost
from services.agent.ports import Lease
from shared.adapters.background import running
from shared.adapters.jetstream import Bus, BusUnavailable, ConditionFailed, consumer_config, publish
from shared.contracts import streams
from tests.support.agent_fakes import MemoryLease
from tests.support.nats_server import NatsServer
from tests.support.wait import until

BELONG = "its stores now belong to"


@dataclass
class Claimants:
    """Those who claim one party's stores, one after the other."""

    take: Callable[[], Awaitable[Lease]]
    pause: Callable[[Lease], None]


@dataclass
class Nats:
    """Processes with a copy of the folder each, and the reasons for which they ended."""

    bus: Bus
    folder: Path
    ended: list[str] = field(default_factory=list)

    async def take(
        self, name: str | None = None, *, patience: float | None = 0, shard: str = streams.MAIN_SHARD
    ) -> JetStreamLease:
        folder = self.folder / (name or f"copy-{len(list(self.folder.iterdir()))}")
        folder.mkdir(exist_ok=True)
        held = await StoreFolder.hold(folder, patience=0, shard=shard)
        return await take_lease(
            self.bus.nc, held, holder=f"process on {folder.name}", lost=self.ended.append, patience=patience
        )


@pytest.fixture
def nats(bus: Bus, tmp_path: Path) -> Nats:
    return Nats(bus, tmp_path)


@pytest.fixture(params=["stand-in", "NATS"])
def claimants(request: pytest.FixtureRequest) -> Claimants:
    if request.param == "stand-in":
        claims: list[MemoryLease] = []

        async def take() -> Lease:
            return MemoryLease(claims)

        return Claimants(take, lambda lease: setattr(lease, "paused", True))
    nats: Nats = request.getfixturevalue("nats")
    return Claimants(nats.take, lambda lease: setattr(lease, "_looked", float("-inf")))


async def test_the_lease_belongs_to_who_took_it_last(claimants: Claimants) -> None:
    first = await claimants.take()
    await first.confirm()
    second = await claimants.take()

    with pytest.raises(LeaseLost, match=BELONG):
        await first.confirm()
    await second.confirm()
    assert first.consumer != second.consumer
    assert first.fence != second.fence


async def test_only_after_a_pause_it_is_asked_for_again(claimants: Claimants) -> None:
    first = await claimants.take()
    await claimants.take()

    await first.still_held()
    claimants.pause(first)
    with pytest.raises(LeaseLost, match=BELONG):
        await first.still_held()


async def sent(nats: Nats, lease: Lease, body: bytes) -> None:
    await publish(
        nats.bus.js, streams.outbound_subject("https://a.example/"), body,
        message_id=body.decode(), headers=lease.fence,
    )  # fmt: skip


async def test_nats_stores_nothing_from_who_lost_the_lease(nats: Nats) -> None:
    first = await nats.take()
    await sent(nats, first, b"before")
    second = await nats.take()

    for body in (b"after", b"before"):  # not even what is there already
        with pytest.raises(ConditionFailed, match="wrong last sequence"):
            await sent(nats, first, body)
    await sent(nats, second, b"by the new holder")

    info = await nats.bus.js.stream_info(streams.DIDCOMM_OUT.name, subjects_filter=">")
    counted = info.state.subjects or {}
    assert counted.pop(streams.OWNER) == 1
    assert sum(counted.values()) == 2


async def test_who_lost_the_lease_takes_and_acknowledges_nothing(nats: Nats) -> None:
    js = nats.bus.js
    first = await nats.take()
    await publish(js, streams.inbound_subject("w1"), b"envelope", message_id="1")
    taking = await js.pull_subscribe_bind(first.consumer, streams.DIDCOMM_IN.name)
    [in_hand] = await taking.fetch(1, timeout=5)

    second = await nats.take()
    await in_hand.ack()
    with pytest.raises(BadRequestError, match="not unique on workqueue stream"):
        await js.add_consumer(
            streams.DIDCOMM_IN.name,
            consumer_config(first.consumer, [streams.inbound_of(streams.MAIN_SHARD)], ack_wait=10),
        )

    taking = await js.pull_subscribe_bind(second.consumer, streams.DIDCOMM_IN.name)
    [again] = await taking.fetch(1, timeout=5)
    assert again.data == b"envelope"


async def test_a_holder_that_is_alive_is_not_displaced(nats: Nats) -> None:
    first = await nats.take("original")
    async with running(lease=first.run):
        await until(lambda: _answers(nats), 30, "the holder answers")
        with pytest.raises(LeaseHeld, match="handled by process on original, which still runs: end it"):
            await nats.take("copy")
    await first.confirm()
    assert nats.ended == []


@pytest.mark.parametrize("patience", [20, None])
async def test_a_new_process_waits_for_the_one_before_it_to_end(nats: Nats, patience: float | None) -> None:
    first = await nats.take("original")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(lease=first.run))
        await until(lambda: _answers(nats), 30, "the holder answers")
        waiting = asyncio.create_task(nats.take("copy", patience=patience))
        await asyncio.sleep(0)
        await stack.aclose()
        second = await waiting
    await second.confirm()


async def test_each_shard_has_a_holder_of_its_own_who_gets_its_envelopes_and_no_others(nats: Nats) -> None:
    js = nats.bus.js
    main = await nats.take("main")
    async with running(lease=main.run):
        await until(lambda: _answers(nats), 30, "the holder answers")
        of_b = await nats.take("b", shard="b")
    again = await nats.take("b-again", shard="b")

    with pytest.raises(LeaseLost, match="process on b-again"):
        await of_b.confirm()
    for lease in (main, again):
        await lease.confirm()
        await sent(nats, lease, lease.consumer.encode())
    for shard, lease in ((streams.MAIN_SHARD, main), ("b", again)):
        await publish(js, streams.inbound_subject("w", shard), shard.encode(), message_id=shard)
        taking = await js.pull_subscribe_bind(lease.consumer, streams.DIDCOMM_IN.name)
        [found] = await taking.fetch(9, timeout=5)
        assert found.data == shard.encode()


async def _answers(nats: Nats) -> bool:
    try:
        await nats.bus.nc.request("agent.owner", b"", timeout=1)
    except Exception:  # noqa: BLE001  whatever it is, nobody answered
        return False
    return True


async def test_a_claim_that_nats_forgot_is_made_again_by_who_held_it(nats: Nats) -> None:
    lease = await nats.take()
    old = dict(lease.fence)
    await nats.bus.js.purge_stream(streams.DIDCOMM_OUT.name)

    with pytest.raises(ConditionFailed, match="wrong last sequence"):
        await sent(nats, lease, b"one")
    await lease.confirm()
    assert lease.fence != old
    await sent(nats, lease, b"two")


async def test_who_spoke_up_first_after_nats_lost_its_disk_does_not_displace_a_later_holder(
    nats: Nats,
) -> None:
    first = await nats.take()
    second = await nats.take()
    await nats.bus.js.purge_stream(streams.DIDCOMM_OUT.name)

    await first.confirm()
    await second.confirm()

    with pytest.raises(LeaseLost, match=BELONG):
        await first.confirm()
    await second.confirm()


async def test_while_nats_is_away_work_goes_on_and_does_not_ask_at_every_step(
    nats: Nats, nats_server: NatsServer
) -> None:
    lease = await nats.take()
    nats_server.stop()
    lease._looked = float("-inf")

    await lease.still_held()
    async with asyncio.timeout(0.5):
        await lease.still_held()
    with pytest.raises(BusUnavailable):
        await lease.confirm()

    nats_server.start()
    await until(lambda: nats.bus.nc.is_connected, 30, "NATS is back")
    await lease.confirm()
    assert nats.ended == []


async def test_losing_the_lease_ends_the_process_and_says_to_whom(nats: Nats) -> None:
    first = await nats.take("original")
    await nats.take("copy")

    with pytest.raises(LeaseLost, match="process on copy"):
        await first.confirm()
    assert nats.ended == ["its stores now belong to process on copy"]


async def test_an_old_nats_is_refused(tmp_path: Path) -> None:
    folder = await StoreFolder.hold(tmp_path, patience=0)
    ended: list[str] = []
    old: Any = SimpleNamespace(connected_server_version=ServerVersion("2.10.29"))
    with pytest.raises(BusUnavailable, match=r"expected NATS 2\.11 or later.* found .*2\.10\.29"):
        await take_lease(old, folder, holder="process", lost=ended.append, patience=0)


async def test_agents_on_one_database_share_their_consumer_and_need_no_leave(nats: Nats) -> None:
    before = await nats.take()
    shared = SharedLease()
    await delete_other_consumers(nats.bus.js, shared.consumer)

    await shared.confirm()
    await shared.still_held()
    await shared.run()
    await sent(nats, shared, b"sent")
    assert before.consumer not in {
        one.name for one in await nats.bus.js.consumers_info(streams.DIDCOMM_IN.name)
    }
