"""One suite for KeepWishes, on the fake, on SQLite and on PostgreSQL; and what platforms are told of a wish."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlmodel import select

from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox, OutboxRow
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookDeliveryRow
from tests.contract.verifier.test_requests import MIGRATIONS, NOW, answered, asked, created, judged
from tests.support.databases import migrated
from tests.support.verifier_fakes import MemoryRequests, MemoryWishes
from verifier.adapters.migrations.versions import verifier0007_wishes as migration
from verifier.adapters.sql_requests import RequestRow, SqlRequests
from verifier.adapters.sql_wishes import SqlWishes
from verifier.domain.wish import Deleted, Refused, Wish, fulfil, refuse
from verifier.ports import KeepRequests, KeepWishes

FIRST = created(1).stated.id
SECOND = created(2).stated.id
LATER = NOW + timedelta(hours=1)


@dataclass
class Store:
    wishes: KeepWishes
    requests: KeepRequests


@pytest.fixture
async def store(memory_or_url: str | None) -> AsyncIterator[Store]:
    if memory_or_url is None:
        requests = MemoryRequests()
        yield Store(MemoryWishes(requests), requests)
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield Store(sql(db), SqlRequests(db, Outbox(db), key=bytes(32)))


def sql(db: Database) -> SqlWishes:
    return SqlWishes(db, Outbox(db), SqlWebhooks(db, bytes(32)), "https://verifier.test")


def wish(request_id: str = FIRST, language: str = "sw", **changes: object) -> Wish:
    return replace(Wish(request_id, "connection-1", language, NOW), **changes)  # type: ignore[arg-type]  # its fields


async def test_a_wish_is_kept_once_for_a_request(store: Store) -> None:
    assert await store.wishes.add(wish())
    assert not await store.wishes.add(wish(language="en"))
    assert await store.wishes.find(FIRST) == wish()
    assert await store.wishes.find(SECOND) is None
    assert await store.wishes.of([FIRST, SECOND]) == {FIRST: wish()}


async def test_what_is_not_deleted_waits_and_what_is_not_told_is_found(store: Store) -> None:
    await store.wishes.add(wish(SECOND, asked_at=LATER))
    await store.wishes.add(wish())
    assert [each.request_id for each in await store.wishes.not_deleted()] == [FIRST, SECOND]
    assert await store.wishes.untold() == []

    refused = refuse(wish(), "The law says so.", message_id="m1", now=LATER)
    assert await store.wishes.save(refused)
    assert await store.wishes.untold() == [refused]
    assert len(await store.wishes.not_deleted()) == 2

    await store.wishes.told(FIRST, "another", at=LATER)
    assert await store.wishes.untold() == [refused]
    await store.wishes.told(FIRST, "m1", at=LATER)
    assert await store.wishes.untold() == []
    assert (await store.wishes.of([FIRST]))[FIRST].answer == Refused(LATER, "The law says so.")


async def test_what_is_deleted_is_never_refused_afterwards(store: Store) -> None:
    await store.wishes.add(wish())
    refusal = refuse(wish(), "Too late.", message_id="m2", now=LATER)
    assert await store.wishes.save(fulfil(wish(), message_id="m1", now=NOW))
    assert not await store.wishes.save(refusal)
    found = await store.wishes.find(FIRST)
    assert found is not None
    assert found.answer == Deleted(NOW)
    assert [each.request_id for each in await store.wishes.not_deleted()] == []


async def test_a_wish_goes_with_its_request(store: Store) -> None:
    await store.requests.add(created())
    await store.wishes.add(wish())
    await store.wishes.add(wish(SECOND))
    assert await store.wishes.drop() == 1
    assert await store.wishes.find(FIRST) is not None
    assert await store.wishes.find(SECOND) is None


async def test_a_wish_is_told_once_by_id_and_link_only(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        webhooks = SqlWebhooks(db, bytes(32))
        await webhooks.create("https://platform.test/told", events=[], description="", now=NOW)
        wishes = SqlWishes(db, Outbox(db), webhooks, "https://verifier.test")
        await wishes.add(wish())
        await wishes.add(wish())
        await wishes.save(fulfil(wish(), message_id="m", now=LATER))
        async with db.reading() as session:
            bodies = [json.loads(row.body) for row in await session.exec(select(WebhookDeliveryRow))]
            subjects = [row.subject for row in await session.exec(select(OutboxRow))]
    (body,) = bodies
    assert body["type"] == "request.deletion_asked"
    assert body["data"] == {
        "request_id": FIRST,
        "links": {
            "request": f"https://verifier.test/v1/requests/{FIRST}",
            "page": f"https://verifier.test/console/requests/{FIRST}",
        },
    }
    assert subjects == ["events.request.deletion_asked.v1"]


async def test_requests_of_earlier_versions_are_found_by_their_connection(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        requests = SqlRequests(db, Outbox(db), key=bytes(32))
        for request in (created(1), asked(2), answered(3), judged(4)):
            await requests.add(request)
        async with db.session() as session:
            connection = await session.connection()

            def again(sync: sa.Connection) -> None:
                with Operations.context(MigrationContext.configure(sync)):
                    migration.downgrade()
                    migration.upgrade()

            await connection.run_sync(again)
        async with db.reading() as session:
            rows = await session.exec(select(RequestRow.connection_id).order_by(RequestRow.id))
            assert rows.all() == [None, "connection-2", "connection-3", "connection-4"]
