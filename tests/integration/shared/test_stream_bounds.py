"""Every stream has a bound. What is reached there: senders of work wait, and nothing of theirs is dropped."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.js.api import DiscardPolicy
from nats.js.errors import APIError

from shared.adapters.jetstream import Bus, SubjectFull, ensure_streams
from shared.adapters.jetstream_mailbox import LARGE_AFTER, USUAL_BYTES, JetstreamMailbox
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_outbox import Outbox, OutboxPublisher
from shared.contracts.streams import (
    DIDCOMM_IN,
    DIDCOMM_OUT,
    DIDCOMM_PARKED,
    DIDCOMM_POISON,
    MIB,
    STREAMS,
    WORK,
    Stream,
    outbound_subject,
    poison_subject,
)
from shared.ports.didcomm import Recipient
from shared.web.didcomm_edge import MAX_ENVELOPE
from tests.support.deployed_nats import deployed_nats
from tests.support.wait import until

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORK_IS_NEVER_DROPPED = (DIDCOMM_IN, DIDCOMM_PARKED, DIDCOMM_OUT, WORK)


async def small(bus: Bus, stream: Stream) -> None:
    """Make a stream smaller than it is defined."""
    await ensure_streams(bus.js, [stream])


async def held(bus: Bus, stream: Stream) -> int:
    return (await bus.js.stream_info(stream.name)).state.messages


async def test_every_stream_has_a_size_and_work_is_refused_rather_than_dropped(bus: Bus) -> None:
    for stream in STREAMS:
        config = (await bus.js.stream_info(stream.name)).config
        assert config.max_bytes == stream.max_bytes > 0
        refuses = config.discard == DiscardPolicy.NEW
        assert refuses == (stream in WORK_IS_NEVER_DROPPED), stream.name


async def test_envelopes_are_refused_with_a_time_to_come_back_when_the_inbox_is_full(bus: Bus) -> None:
    await small(bus, replace(DIDCOMM_IN, max_bytes=4096))
    keep = JetstreamMailbox(bus.js, clock=lambda: NOW)
    await keep(Recipient(None), b"x" * 2000)
    with pytest.raises(SubjectFull, match="keeps no more messages") as refused:
        await keep(Recipient(None), b"y" * 3000)
    assert refused.value.retry_after == 60
    assert await held(bus, DIDCOMM_IN) == 1


async def test_large_envelopes_for_one_wallet_are_refused_once_some_wait_and_usual_ones_go_on(
    bus: Bus,
) -> None:
    keep = JetstreamMailbox(bus.js, clock=lambda: NOW)
    large = USUAL_BYTES + 1
    for number in range(LARGE_AFTER):
        await keep(Recipient("hers"), bytes([number]) * large)
    with pytest.raises(SubjectFull, match="only those of 65536 bytes or less are kept") as refused:
        await keep(Recipient("hers"), b"x" * large)
    assert refused.value.retry_after == 3600
    await keep(Recipient("hers"), b"x" * USUAL_BYTES)
    await keep(Recipient("his"), b"x" * large)
    most = LARGE_AFTER * MAX_ENVELOPE + ((DIDCOMM_PARKED.per_subject or 0) - LARGE_AFTER) * USUAL_BYTES
    assert most < 21 * MIB


async def test_a_wallet_that_is_full_is_sent_nothing_new(bus: Bus) -> None:
    keep = JetstreamMailbox(bus.js, clock=lambda: NOW)
    with pytest.raises(SubjectFull, match="takes in nothing new"):
        await keep(Recipient("hers", full=True), b"x")
    assert await held(bus, DIDCOMM_IN) == 0


async def test_an_outbox_waits_while_the_work_queue_is_full_and_empties_when_there_is_room(
    bus: Bus, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/outbox.db"
    await upgrade(url, tmp_path)
    await small(bus, replace(WORK, max_bytes=512))
    await bus.publish("work.test", b"x" * 400, message_id="in the way")
    async with Database(url) as db:
        outbox = Outbox(db)
        async with db.session() as session:
            outbox.add(session, "work.test", {"revocation_id": "r" * 200})
        publisher = OutboxPublisher(outbox, bus.js)
        with pytest.raises(SubjectFull):
            await publisher.publish_waiting()
        assert await held(bus, WORK) == 1

        running = asyncio.create_task(publisher.run())
        await bus.js.purge_stream(WORK.name)

        async def published() -> bool:
            return await held(bus, WORK) == 1 and await publisher.publish_waiting() == 0

        await until(published, 30, "the outbox has emptied")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_envelopes_to_send_are_bounded_in_number_and_none_is_dropped(bus: Bus) -> None:
    await small(bus, replace(DIDCOMM_OUT, most=3))
    subject = outbound_subject("https://issuer.example/didcomm")
    for number in range(3):
        await bus.publish(subject, b"x", message_id=str(number))
    with pytest.raises(SubjectFull):
        await bus.publish(subject, b"x", message_id="one too many")
    assert (await bus.js.stream_info(DIDCOMM_OUT.name)).state.first_seq == 1


async def test_of_envelopes_given_up_the_oldest_make_room(bus: Bus) -> None:
    await small(bus, replace(DIDCOMM_POISON, most=3))
    for number in range(5):
        await bus.publish(poison_subject("base"), b"x", message_id=str(number))
    state = (await bus.js.stream_info(DIDCOMM_POISON.name)).state
    assert (state.messages, state.first_seq) == (3, 3)


@pytest.fixture
async def deployed(tmp_path: Path) -> AsyncIterator[str]:
    async with deployed_nats(tmp_path) as address:
        yield address


async def test_the_deployed_accounts_have_room_for_their_streams_and_not_for_much_more(deployed: str) -> None:
    together = sum(stream.max_bytes for stream in STREAMS)
    for party in ("issuer", "wallet", "verifier"):
        async with Bus(deployed, party, f"password-of-{party}") as bus:
            limits = (await bus.js.account_info()).limits
            assert together <= limits.max_storage <= 1.4 * together
            with pytest.raises(APIError, match=r"insufficient|exceeded"):
                await bus.js.add_stream(name="MORE", subjects=["more"], max_bytes=limits.max_storage)
    async with Bus(deployed, "registry", "password-of-registry", streams=()) as bus:
        assert (await bus.js.account_info()).limits.max_storage == 64 * MIB
