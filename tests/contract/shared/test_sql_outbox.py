import asyncio
import json

import pytest
from sqlmodel import select

from shared.adapters.background import running
from shared.adapters.jetstream import Bus
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox, OutboxPublisher, OutboxRow
from shared.contracts.streams import EVENTS
from tests.support.nats_server import NatsServer
from tests.support.wait import until


async def rows(db: Database) -> int:
    async with db.reading() as session:
        return len((await session.exec(select(OutboxRow))).all())


async def stored(bus: Bus) -> int:
    return (await bus.js.stream_info(EVENTS.name)).state.messages


async def test_an_event_is_published_soon_after_its_commit(db: Database, bus: Bus) -> None:
    outbox = Outbox(db)
    received = await bus.js.subscribe("events.award.issued.v1")
    async with running(outbox=OutboxPublisher(outbox, bus.js).run):
        async with db.session() as session:
            message_id = outbox.add(session, "events.award.issued.v1", {"award_id": "a"})
        message = await received.next_msg(timeout=3)
    assert json.loads(message.data) == {"award_id": "a"}
    assert message.headers is not None
    assert message.headers["Nats-Msg-Id"] == message_id


async def test_an_event_of_a_transaction_that_failed_is_never_published(db: Database, bus: Bus) -> None:
    outbox = Outbox(db)

    async def fail() -> None:
        async with db.session() as session:
            outbox.add(session, "events.award.issued.v1", {"award_id": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await OutboxPublisher(outbox, bus.js).publish_waiting() == 0
    assert await stored(bus) == 0


async def test_two_publishers_store_each_event_once(db: Database, bus: Bus) -> None:
    outbox = Outbox(db)
    async with db.session() as session:
        for number in range(250):
            outbox.add(session, "events.award.issued.v1", {"number": number})
    one, two = OutboxPublisher(outbox, bus.js), OutboxPublisher(outbox, bus.js)
    while any(await asyncio.gather(one.publish_waiting(), two.publish_waiting())):
        pass
    assert await rows(db) == 0
    assert await stored(bus) == 250


async def test_events_wait_while_nats_is_away(db: Database, bus: Bus, nats_server: NatsServer) -> None:
    outbox = Outbox(db)
    nats_server.stop()
    async with running(outbox=OutboxPublisher(outbox, bus.js).run):
        async with db.session() as session:
            outbox.add(session, "events.award.issued.v1", {"award_id": "a"})
        await until(lambda: not bus.nc.is_connected, 30, "the connection is seen to be lost")
        assert await rows(db) == 1
        nats_server.start()

        async def published() -> bool:
            return await rows(db) == 0

        await until(published, 30, "the event is published")
    assert await stored(bus) == 1
