"""What is measured of streams, consumers and outbox, on the real things."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.background import running
from shared.adapters.clock import utc_now
from shared.adapters.jetstream import Bus, BusUnavailable, Consumer, Message
from shared.adapters.jetstream_metrics import MeasureStreams
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_outbox import Outbox
from shared.contracts.streams import AGENT_EVENTS, WORK
from shared.ports.metrics import Measure
from tests.support.nats_server import NatsServer
from tests.support.wait import until


async def readings(measure: Measure) -> dict[str, float]:
    return {
        f"{one.gauge.name}{''.join(f' {value}' for value in one.labels.values())}": one.value
        for one in await measure()
    }


async def test_what_waits_in_a_stream_and_at_a_consumer_is_told(bus: Bus) -> None:
    gate, measure = asyncio.Event(), MeasureStreams(bus)

    async def slowly(_: Message) -> None:
        await gate.wait()

    empty = await readings(measure)
    assert empty["ujuzi_stream_messages WORK"] == empty["ujuzi_stream_oldest_seconds WORK"] == 0
    for number in range(3):
        await bus.publish("work.test", b"", message_id=str(number))
    one_at_a_time = Consumer(bus.js, WORK, "slow", ["work.test"], slowly, workers=1)
    async with running(slow=one_at_a_time.run):

        async def one_is_taken() -> bool:
            return (await readings(measure)).get("ujuzi_consumer_ack_pending WORK slow") == 1

        await until(one_is_taken, 30, "one message is in hand")
        found = await readings(measure)
        assert found["ujuzi_consumer_pending WORK slow"] == 2
        assert found["ujuzi_stream_messages WORK"] == 3
        assert found["ujuzi_stream_oldest_seconds WORK"] > 0
        assert 0 < found["ujuzi_stream_full_ratio WORK"] < 0.001
        gate.set()


async def test_a_consumer_of_a_process_that_ended_counts_no_longer_as_one_that_is_behind(bus: Bus) -> None:
    now = utc_now()
    measure = MeasureStreams(bus, clock=lambda: now)
    pending = "ujuzi_consumer_pending AGENT_EVENTS of-a-process"

    async def take(_: Message) -> None:
        pass

    own = Consumer(bus.js, AGENT_EVENTS, "of-a-process", ["agent.events.test"], take, of_process=True)
    async with running(own=own.run):

        async def is_asked() -> bool:
            return any(one.num_waiting for one in await bus.js.consumers_info(AGENT_EVENTS.name))

        await until(is_asked, 30, "the consumer is asked")
        now += timedelta(hours=1)
        assert (await readings(measure))[pending] == 0

    async def is_left() -> bool:
        return not await is_asked()

    await until(is_left, 30, "nobody asks it any more")
    await bus.publish("agent.events.test", b"", message_id="late")
    assert pending not in await readings(measure)
    now = utc_now()
    assert (await readings(measure))[pending] == 1, "one that was asked a moment ago may only be busy"


async def test_while_nats_is_away_nothing_of_it_is_measured_and_nobody_waits(
    nats_server: NatsServer, bus: Bus
) -> None:
    measure = MeasureStreams(bus)
    nats_server.stop()
    await until(lambda: not bus.nc.is_connected, 30, "the connection is known to be lost")
    with pytest.raises(BusUnavailable, match="not connected"):
        await measure()


async def test_what_waits_in_the_outbox_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    await upgrade(url, tmp_path)
    async with Database(url) as db:
        outbox = Outbox(db)
        assert await readings(outbox.measure) == {
            "ujuzi_outbox_waiting": 0,
            "ujuzi_outbox_oldest_seconds": 0,
        }
        async with db.session() as session:
            outbox.add(session, "events.test.v1", {})
            outbox.add(session, "events.test.v1", {})
        found = await readings(outbox.measure)
        assert found["ujuzi_outbox_waiting"] == 2
        assert found["ujuzi_outbox_oldest_seconds"] > 0
        assert (await readings(db.measure))["ujuzi_db_connections_in_use"] == 0
