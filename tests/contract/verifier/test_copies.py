"""One suite for KeepCopies, on the fake, on SQLite and on PostgreSQL; then what only a database does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from shared.adapters.sql import Database
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.webvh_resolver import DID_LOG, Copy, KeepCopies
from shared.ports.audit import CURRENT_DEED, Act, Deed
from shared.vc.attested_resource import CRED_DEF, REV_REG_DEF, STATUS_LIST
from tests.contract.verifier.test_requests import MIGRATIONS
from tests.support.copies import MemoryCopies
from tests.support.databases import migrated
from tests.support.verifier_fakes import Clock
from tests.support.wait import until
from verifier.adapters import sql_copies
from verifier.adapters.sql_copies import LARGEST, CopyRow, SqlCopies
from verifier.domain.retention import COPIES_KEPT, STATUS_LISTS_KEPT

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER = "did:webvh:QmIssuer:issuer.test:orgs:school"
OBJECT = f"{ISSUER}/resources/zQm1"
FIRST = Copy(b"first", NOW)


@dataclass
class Kept:
    """Copies in a database."""

    db: Database
    clock: Clock
    copies: SqlCopies

    def again(self) -> SqlCopies:
        """Another process over the same database."""
        return SqlCopies(self.db, lambda: {ISSUER}, clock=self.clock)


@pytest.fixture
async def any_copies(memory_or_url: str | None) -> AsyncIterator[KeepCopies]:
    if memory_or_url is None:
        yield MemoryCopies()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlCopies(db, lambda: {ISSUER}, clock=Clock(NOW))


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[Kept]:
    async with migrated(database_url, MIGRATIONS) as db:
        clock = Clock(NOW)
        yield Kept(db, clock, SqlCopies(db, lambda: {ISSUER}, clock=clock))


async def test_the_newest_is_found_as_it_was_served(any_copies: KeepCopies) -> None:
    assert await any_copies.find(OBJECT) is None
    await any_copies.keep(OBJECT, CRED_DEF, FIRST)
    assert await any_copies.find(OBJECT) == FIRST
    newer = Copy(b"second", NOW + timedelta(seconds=1))
    await any_copies.keep(OBJECT, CRED_DEF, newer)
    await any_copies.used(OBJECT)
    assert await any_copies.find(OBJECT) == newer


async def test_it_is_there_after_a_restart_and_no_process_turns_it_back(kept: Kept) -> None:
    other = kept.again()
    await other.keep(OBJECT, REV_REG_DEF, Copy(b"second", NOW + timedelta(minutes=5)))
    await kept.copies.keep(OBJECT, REV_REG_DEF, FIRST)
    assert await kept.again().find(OBJECT) == Copy(b"second", NOW + timedelta(minutes=5))


async def test_what_is_served_unchanged_is_written_once_a_minute(kept: Kept) -> None:
    await kept.copies.keep(ISSUER, DID_LOG, FIRST)
    await kept.copies.keep(ISSUER, DID_LOG, replace(FIRST, fetched_at=NOW + timedelta(seconds=59)))
    assert await kept.copies.find(ISSUER) == FIRST
    later = replace(FIRST, fetched_at=NOW + timedelta(seconds=61))
    await kept.copies.keep(ISSUER, DID_LOG, later)
    assert await kept.copies.find(ISSUER) == later


async def test_strangers_and_what_is_too_large_are_not_kept(kept: Kept) -> None:
    stranger = "did:webvh:QmStranger:stranger.test:x"
    for key in (stranger, f"{stranger}/resources/zQm1"):
        await kept.copies.keep(key, DID_LOG, FIRST)
        assert await kept.copies.find(key) is None
    await kept.copies.keep(OBJECT, CRED_DEF, Copy(bytes(LARGEST + 1), NOW))
    assert await kept.copies.find(OBJECT) is None


async def test_copies_go_when_they_were_not_used_for_long(kept: Kept) -> None:
    status_list, used_list = f"{ISSUER}/resources/zQm2", f"{ISSUER}/resources/zQm3"
    await kept.copies.keep(OBJECT, CRED_DEF, FIRST)
    for each in (status_list, used_list):
        await kept.copies.keep(each, STATUS_LIST, FIRST)
    kept.clock.forward(days=STATUS_LISTS_KEPT.days - 1)
    await kept.copies.used(used_list)
    kept.clock.forward(days=2)
    assert await kept.copies.drop(kept.clock()) == 1
    assert await kept.copies.find(status_list) is None
    assert await kept.copies.find(used_list) == FIRST
    kept.clock.forward(days=COPIES_KEPT.days)
    assert await kept.copies.drop(kept.clock()) == 2
    assert await kept.copies.find(OBJECT) is None


async def test_of_too_much_the_least_used_goes(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_copies, "MOST_COPIED", 25)
    names = [f"{ISSUER}/resources/zQm{number}" for number in range(4)]
    for each in names:
        await kept.copies.keep(each, CRED_DEF, Copy(bytes(10), NOW))
        kept.clock.forward(days=1)
    kept.clock.forward(days=1)
    await kept.copies.used(names[0])
    assert await kept.copies.drop(kept.clock()) == 2
    assert [each for each in names if await kept.copies.find(each)] == [names[0], names[3]]


async def test_registries_that_answers_were_judged_by_are_named(kept: Kept) -> None:
    old, recent = f"{ISSUER}/resources/zQm1", f"{ISSUER}/resources/zQm2"
    await kept.copies.keep(old, REV_REG_DEF, FIRST)
    kept.clock.forward(days=3)
    await kept.copies.keep(recent, REV_REG_DEF, FIRST)
    await kept.copies.keep(f"{ISSUER}/resources/zQm3", STATUS_LIST, FIRST)
    assert await kept.copies.registries(used_since=NOW, limit=9) == [recent, old]
    assert await kept.copies.registries(used_since=NOW, limit=1) == [recent]
    assert await kept.copies.registries(used_since=NOW + timedelta(days=1), limit=9) == [recent]


async def test_keeping_is_nobodys_deed(kept: Kept) -> None:
    audit = SqlAuditLog(kept.db)
    current = CURRENT_DEED.set(Deed(lambda: Act("POST /v1/requests/preview", ()), who="key:1"))
    try:
        await kept.copies.keep(OBJECT, CRED_DEF, FIRST)
        await kept.copies.used(OBJECT)
    finally:
        CURRENT_DEED.reset(current)
    assert await kept.copies.find(OBJECT) == FIRST
    assert not await audit.entries(after=None, limit=9)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
async def test_what_notes_the_use_of_object_and_log_waits_with_nothing_that_others_wait_for(
    kept: Kept,
) -> None:
    await kept.copies.keep(OBJECT, CRED_DEF, FIRST)
    await kept.copies.keep(ISSUER, DID_LOG, FIRST)
    kept.clock.forward(days=1)
    async with asyncio.TaskGroup() as group, kept.db.session() as session:
        for key in (ISSUER, OBJECT):
            await session.exec(select(CopyRow).where(col(CopyRow.key) == key).with_for_update())
            if key == ISSUER:
                group.create_task(kept.copies.used(OBJECT))
                await until(lambda: somebody_waits(kept.db), 30, "it waits for the log")
    async with kept.db.reading() as session:
        assert (await session.exec(select(CopyRow.used_at))).all() == [kept.clock()] * 2


async def somebody_waits(db: Database) -> bool:
    async with db.reading() as session:
        found = await session.connection()
        return bool(
            await found.scalar(
                text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            )
        )
