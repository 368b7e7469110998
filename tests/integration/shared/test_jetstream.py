import asyncio
import json
from datetime import UTC, datetime
from functools import partial

import pytest
from nats.aio.msg import Msg

from shared.adapters.background import running
from shared.adapters.jetstream import (
    FETCH_SECONDS,
    Bus,
    BusUnavailable,
    Consumer,
    Later,
    Message,
    Poison,
    SubjectFull,
    connect,
    ensure_streams,
    publish,
    waiting,
)
from shared.contracts.streams import (
    DIDCOMM_IN,
    DIDCOMM_PARKED,
    DIDCOMM_POISON,
    REASON,
    STREAMS,
    WORK,
    parked_subject,
    poison_subject,
)
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until


async def put(bus: Bus, number: int) -> None:
    await bus.publish("work.test", str(number).encode(), message_id=f"m{number}")


async def left(bus: Bus) -> int:
    return (await bus.js.stream_info(WORK.name)).state.messages


async def poisoned(bus: Bus) -> bool:
    """Whether the one envelope is among the poison, and is no longer to be handled."""
    streams = [await bus.js.stream_info(stream.name) for stream in (DIDCOMM_POISON, DIDCOMM_IN)]
    return [stream.state.messages for stream in streams] == [1, 0]


async def test_streams_are_made_as_defined_and_making_them_again_changes_nothing(bus: Bus) -> None:
    await ensure_streams(bus.js)
    for stream in STREAMS:
        config = (await bus.js.stream_info(stream.name)).config
        assert config.subjects == list(stream.subjects)
        assert config.max_age == (stream.max_age.total_seconds() if stream.max_age else 0)
        assert config.discard_new_per_subject == (stream.per_subject is not None)


async def test_a_message_id_is_stored_once(bus: Bus) -> None:
    await put(bus, 1)
    await put(bus, 1)
    assert await left(bus) == 1


async def test_a_full_subject_refuses_newer_messages_and_keeps_the_older(bus: Bus) -> None:
    subject = parked_subject("wallet")
    assert DIDCOMM_PARKED.per_subject is not None
    for number in range(DIDCOMM_PARKED.per_subject):
        await bus.publish(subject, b"x", message_id=str(number))
    with pytest.raises(SubjectFull, match="keeps no more messages"):
        await bus.publish(subject, b"x", message_id="one too many")
    await bus.publish(parked_subject("another"), b"x", message_id="of another wallet")
    assert await waiting(bus.js, DIDCOMM_PARKED, subject) == DIDCOMM_PARKED.per_subject
    assert await waiting(bus.js, DIDCOMM_PARKED, parked_subject("nobody")) == 0


async def test_one_party_sees_nothing_of_another(bus: Bus, nats_server: NatsServer) -> None:
    await put(bus, 1)
    async with Bus(nats_server.url, "wallet", PASSWORD) as other:
        assert await left(other) == 0


async def test_a_wrong_password_is_refused_in_words(nats_server: NatsServer) -> None:
    with pytest.raises(BusUnavailable, match="are user and password right"):
        await connect(nats_server.url, "issuer", "wrong", timeout=3)


async def test_no_server_is_reported_within_the_time_given() -> None:
    with pytest.raises(BusUnavailable, match="expected a NATS server"):
        await connect(f"nats://127.0.0.1:{free_port()}", "issuer", PASSWORD, timeout=1)


async def test_every_message_is_handled_and_acknowledged(bus: Bus) -> None:
    handled: list[int] = []

    async def handle(message: Message) -> None:
        handled.append(int(message.data))

    consumer = Consumer(bus.js, WORK, "test", ["work.test"], handle, workers=4)
    async with running(consumer=consumer.run):
        for number in range(50):
            await put(bus, number)
        await until(lambda: len(handled) >= 50, 10, "all are handled")

        async def all_gone() -> bool:
            return await left(bus) == 0

        await until(all_gone, 30, "all are acknowledged")
    assert sorted(handled) == list(range(50))


async def test_no_more_messages_are_in_hand_than_there_are_workers(bus: Bus) -> None:
    at_once = most = done = 0

    async def handle(_message: Message) -> None:
        nonlocal at_once, most, done
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        done += 1

    for number in range(30):
        await put(bus, number)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle, workers=3).run):
        await until(lambda: done == 30, 10, "all are handled")
    assert most == 3


async def test_one_request_for_messages_stands_for_all_idle_workers_and_holds_none_back(bus: Bus) -> None:
    asked: list[int] = []
    handled: list[int] = []

    async def note(request: Msg) -> None:
        asked.append(json.loads(request.data)["batch"])

    async def handle(message: Message) -> None:
        handled.append(int(message.data))

    await bus.nc.subscribe("$JS.API.CONSUMER.MSG.NEXT.>", cb=note)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle, workers=8).run):
        await until(lambda: asked == [8], 30, "all workers wait")
        await put(bus, 0)
        await until(lambda: handled == [0], FETCH_SECONDS / 2, "the first is not held until the others come")
        for number in range(1, 40):
            await put(bus, number)
        await until(lambda: len(handled) == 40, 10, "all are handled")
    assert sum(asked) <= 40 + 8
    assert len(asked) < 20


async def test_a_handler_that_fails_gets_the_message_again(bus: Bus) -> None:
    deliveries: list[int] = []

    async def handle(message: Message) -> None:
        deliveries.append(message.deliveries)
        if message.deliveries == 1:
            raise ZeroDivisionError

    await put(bus, 1)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle).run):
        await until(lambda: deliveries == [1, 2], 30, "it is delivered twice")


async def test_a_handler_names_the_pause_itself(bus: Bus) -> None:
    times: list[float] = []

    async def handle(_message: Message) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise Later(0.3)

    await put(bus, 1)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle).run):
        await until(lambda: len(times) == 2, 5, "it is delivered twice")
    assert 0.25 < times[1] - times[0] < 2


async def test_poison_is_given_up_with_its_reason(bus: Bus) -> None:
    async def handle(_message: Message) -> None:
        raise Poison("nobody can\nread this")

    await bus.publish("didcomm.in.base", b"garbage", message_id="g")
    consumer = Consumer(
        bus.js,
        DIDCOMM_IN,
        "agent",
        ["didcomm.in.*"],
        handle,
        poison_to=lambda m: poison_subject(m.last_token),
    )
    async with running(consumer=consumer.run):
        await until(partial(poisoned, bus), 30, "it is among the poison, and nowhere else")
    kept = await bus.js.get_last_msg(DIDCOMM_POISON.name, "didcomm.poison.base")
    assert kept.data == b"garbage"
    assert kept.headers is not None
    assert kept.headers[REASON] == "nobody can read this"


async def test_a_message_that_always_fails_is_given_up_after_the_deliveries_allowed(bus: Bus) -> None:
    async def handle(_message: Message) -> None:
        raise ZeroDivisionError

    await bus.publish("didcomm.in.base", b"x", message_id="x")
    consumer = Consumer(
        bus.js,
        DIDCOMM_IN,
        "agent",
        ["didcomm.in.*"],
        handle,
        max_deliveries=2,
        poison_to=lambda m: poison_subject(m.last_token),
    )
    async with running(consumer=consumer.run):
        await until(partial(poisoned, bus), 30, "it is among the poison, and nowhere else")
    kept = await bus.js.get_last_msg(DIDCOMM_POISON.name, "didcomm.poison.base")
    assert kept.headers is not None
    assert kept.headers[REASON] == "failed 2 times, at last with ZeroDivisionError"


async def test_slow_work_is_not_delivered_again_meanwhile(bus: Bus) -> None:
    deliveries = 0
    finished = asyncio.Event()

    async def handle(_message: Message) -> None:
        nonlocal deliveries
        deliveries += 1
        await asyncio.sleep(2.5)
        finished.set()

    await put(bus, 1)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle, ack_wait=1.0).run):
        await asyncio.wait_for(finished.wait(), 10)
    assert deliveries == 1


async def test_a_consumer_stopped_at_work_hands_the_message_back_at_once(bus: Bus) -> None:
    begun, handled = asyncio.Event(), asyncio.Event()

    async def hang(_message: Message) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def handle(_message: Message) -> None:
        handled.set()

    await put(bus, 1)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], hang, ack_wait=60).run):
        await asyncio.wait_for(begun.wait(), 5)
    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle, ack_wait=60).run):
        await asyncio.wait_for(handled.wait(), 10)


async def test_a_consumer_goes_on_after_nats_restarted(bus: Bus, nats_server: NatsServer) -> None:
    handled: list[int] = []

    async def handle(message: Message) -> None:
        handled.append(int(message.data))

    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle).run):
        await put(bus, 1)
        await until(lambda: handled == [1], 30, "the first is handled")
        nats_server.stop()
        await until(lambda: not bus.nc.is_connected, 30, "the connection is seen to be lost")
        with pytest.raises(BusUnavailable):
            await bus.check()
        nats_server.start()
        await until(lambda: bus.nc.is_connected, 30, "the client has reconnected")
        await put(bus, 2)
        await until(lambda: 2 in handled, 40, "the second is handled")
        await bus.check()


async def test_a_consumer_makes_every_stream_anew_when_nats_lost_its_disk(
    bus: Bus, nats_server: NatsServer
) -> None:
    handled: list[int] = []

    async def handle(message: Message) -> None:
        handled.append(int(message.data))

    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle).run):
        await put(bus, 1)
        await until(lambda: handled == [1], 30, "the first is handled")
        nats_server.lose_disk()
        nats_server.start()

        async def stored_again() -> bool:
            try:
                await put(bus, 2)
            except BusUnavailable:
                return False
            return True

        await until(stored_again, 40, "the streams are there again")
        await until(lambda: 2 in handled, 40, "the second is handled")
        for stream in STREAMS:
            assert (await bus.js.stream_info(stream.name)).config.subjects == list(stream.subjects)


async def test_a_consumer_makes_itself_anew_when_it_was_deleted(bus: Bus) -> None:
    handled: list[int] = []

    async def handle(message: Message) -> None:
        handled.append(int(message.data))

    async with running(consumer=Consumer(bus.js, WORK, "test", ["work.test"], handle).run):
        await put(bus, 1)
        await until(lambda: handled == [1], 30, "the first is handled")
        await bus.js.delete_consumer(WORK.name, "test")
        await put(bus, 2)
        await until(lambda: 2 in handled, 40, "the second is handled")


async def test_publishing_without_nats_says_that_nothing_is_stored(bus: Bus, nats_server: NatsServer) -> None:
    nats_server.stop()
    await until(lambda: not bus.nc.is_connected, 30, "the connection is seen to be lost")
    with pytest.raises(BusUnavailable, match="did not confirm"):
        await publish(bus.js, "work.test", b"x", message_id=datetime.now(UTC).isoformat())
