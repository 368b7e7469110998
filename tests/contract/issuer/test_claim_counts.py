"""Claims under way are counted alike in memory, on SQLite and on PostgreSQL; and what is left to work off, by a real NATS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from issuer.adapters.jetstream_work import JetstreamWork
from issuer.adapters.sql_claim_counts import SqlClaimCounts
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import (
    Accepted,
    Declined,
    Exchange,
    Invited,
    Issued,
    Offered,
    Prepared,
    SentCredential,
)
from issuer.main import MIGRATIONS
from issuer.ports import Records
from issuer.use_cases.tell_wait import CountClaims
from shared.adapters.jetstream import Bus, Consumer, Message
from shared.adapters.sql_outbox import Outbox
from shared.contracts.streams import AGENT_EVENTS
from tests.support.claim_queue import MemoryClaimCounts
from tests.support.databases import migrated
from tests.support.issuer import START, MemoryRecords, batch_of, new_id, prepared_award, published_template
from tests.support.nats_server import NatsServer
from tests.support.wait import until

SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
SECOND = timedelta(seconds=1)
STATES = (
    Prepared(),
    Invited("alone"),
    Invited("connected", "connection"),
    Offered(Exchange("connection", "offered")),
    Accepted(Exchange("connection", "accepted")),
    Accepted(SENT.exchange, SENT),
    Issued(SENT),
    Declined(),
)


@asynccontextmanager
async def counting(url: str | None) -> AsyncIterator[tuple[Records, CountClaims]]:
    if url is None:
        memory = MemoryRecords()
        yield memory, MemoryClaimCounts(memory)
        return
    async with migrated(url, MIGRATIONS) as db:
        yield SqlRecords(db, Outbox(db)), SqlClaimCounts(db)


async def test_who_was_served_just_now_is_counted_without_reading_those_of_years(tmp_path: Path) -> None:
    async with migrated(f"sqlite:///{tmp_path}/test.db", MIGRATIONS) as db, db.reading() as session:
        query = "SELECT count(*) FROM award WHERE state IN ('offered', 'accepted', 'issued') AND updated_at >= '2026'"
        plan = await (await session.connection()).execute(text(f"EXPLAIN QUERY PLAN {query}"))
        assert "ix_award_state_updated_at (state=? AND updated_at>?)" in str(plan.all())


async def test_who_waits_for_the_issuer_and_who_was_served_is_counted_by_state_and_time(
    memory_or_url: str | None,
) -> None:
    template = published_template()
    batch = batch_of(template)
    awards = [
        replace(
            prepared_award(template, batch),
            id=new_id(),
            claim_digest=str(new_id()),
            state=state,
            updated_at=at,
        )
        for state in STATES
        for at in (START - 2 * SECOND, START)
    ]
    async with counting(memory_or_url) as (records, count):
        async with records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, awards)
        waiting = {"since": START - 2 * SECOND, "before": START + SECOND}
        assert await count.moving(**waiting) == 2 * 3, "invited, or asked for and not sent yet"
        assert await count.moving(**{**waiting, "before": START}) == 3, (
            "whoever moved at that moment is behind"
        )
        assert await count.moving(**{**waiting, "since": START - SECOND}) == 3
        assert await count.served(since=START - 2 * SECOND) == 2 * 4, "offered, sent or issued"
        assert await count.served(since=START - SECOND) == 4


@pytest.fixture
async def consumed(bus: Bus) -> Bus:
    """A bus on which the consumer is made, and does not work now."""

    async def handle(_: Message) -> None:
        return

    consumer = Consumer(
        bus.js, AGENT_EVENTS, "exchanges", ["agent.events.base.connections"], handle, workers=1
    )
    await consumer._ensure()
    return bus


async def test_what_the_agent_told_is_counted_until_nats_is_away(
    consumed: Bus, nats_server: NatsServer
) -> None:
    work = JetstreamWork(consumed, "exchanges")
    assert await work.unworked() == 0
    for number in range(3):
        await consumed.publish("agent.events.base.connections", b"{}", message_id=f"event {number}")
    assert await work.unworked() == 3
    assert await JetstreamWork(consumed, "nobody's").unworked() is None
    nats_server.stop()
    await until(lambda: not consumed.nc.is_connected, 30, "the connection is lost")
    assert await work.unworked() is None
