"""One suite for KeepSessions, on the fake, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.sql_outbox import Outbox
from tests.contract.verifier.test_requests import MIGRATIONS, created
from tests.support.databases import migrated
from tests.support.verifier_fakes import MemoryRequests, MemorySessions
from verifier.adapters.sql_requests import SqlRequests
from verifier.adapters.sql_sessions import SqlSessions
from verifier.domain.session import Held
from verifier.ports import KeepRequests, KeepSessions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=10)
ID = created(1).stated.id
HELD = Held(ID, "reference")


@dataclass
class Store:
    sessions: KeepSessions
    requests: KeepRequests


@pytest.fixture
async def store(memory_or_url: str | None) -> AsyncIterator[Store]:
    if memory_or_url is None:
        requests = MemoryRequests()
        yield Store(MemorySessions(requests), requests)
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield Store(SqlSessions(db), SqlRequests(db, Outbox(db), key=bytes(32)))


async def test_of_two_browsers_the_first_holds_the_request(store: Store) -> None:
    sessions = store.sessions
    await sessions.add(HELD)
    assert await sessions.find(ID) == HELD
    won = await asyncio.gather(sessions.hold(ID, "one"), sessions.hold(ID, "two"))
    assert sorted(won) == [False, True]
    assert await sessions.find(ID) == replace(HELD, browser="one" if won[0] else "two")
    assert not await sessions.hold(ID, "one")
    assert not await sessions.hold("nobody", "one")


async def test_a_code_counts_once_in_its_time_and_only_the_newest(store: Store) -> None:
    sessions = store.sessions
    await sessions.add(HELD)
    assert not await sessions.redeem(ID, "first", bound="bound", now=NOW)
    await sessions.give_code(ID, "first", until=UNTIL)
    await sessions.give_code(ID, "second", until=UNTIL)
    assert not await sessions.redeem(ID, "first", bound="bound", now=NOW)
    assert not await sessions.redeem(ID, "second", bound="bound", now=UNTIL)
    assert await sessions.find(ID) == HELD
    redeemed = await asyncio.gather(*(sessions.redeem(ID, "second", bound="bound", now=NOW) for _ in "12"))
    assert sorted(redeemed) == [False, True]
    assert await sessions.find(ID) == replace(HELD, bound="bound")


async def test_what_came_of_a_return_stays(store: Store) -> None:
    sessions = store.sessions
    await sessions.add(HELD)
    await sessions.give_code(ID, "first", until=UNTIL)
    assert await sessions.redeem(ID, "first", bound="mismatch", now=NOW)
    await sessions.give_code(ID, "second", until=UNTIL)
    assert not await sessions.redeem(ID, "second", bound="bound", now=NOW)
    assert await sessions.find(ID) == replace(HELD, bound="mismatch")


async def test_a_session_goes_with_its_request(store: Store) -> None:
    await store.requests.add(created(1))
    await store.sessions.add(HELD)
    await store.sessions.add(Held("gone", "reference"))
    assert await store.sessions.drop() == 1
    assert await store.sessions.find(ID) == HELD
    assert await store.sessions.find("gone") is None
