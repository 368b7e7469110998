import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from shared.adapters import sql
from shared.adapters.bells import Bells
from shared.adapters.sql import (
    MAX_CONNECTIONS,
    Database,
    DatabaseUnavailable,
    DatabaseUrlInvalid,
    insert_once,
    upgrade,
)
from shared.adapters.sql_api_keys import ApiKeyRow
from shared.adapters.sql_did_store import DidResourceRow, DidTailsRow
from tests.support.free_port import free_port

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def key_row(key_id: str, at: datetime = NOW) -> ApiKeyRow:
    return ApiKeyRow(id=key_id, digest=key_id, name=key_id, scopes=[], created_at=at)


async def test_a_session_commits_when_its_block_ends(db: Database) -> None:
    async with db.session() as session:
        session.add(key_row("a"))
    async with db.reading() as session:
        assert await session.get(ApiKeyRow, "a") is not None


async def test_a_session_that_raises_leaves_nothing_behind(db: Database) -> None:
    async def fail_half_way() -> None:
        async with db.session() as session:
            session.add(key_row("a"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()
    async with db.reading() as session:
        assert await session.get(ApiKeyRow, "a") is None


async def test_datetimes_come_back_aware_and_in_utc(db: Database) -> None:
    east = NOW.astimezone(timezone(timedelta(hours=3)))
    async with db.session() as session:
        session.add(key_row("a", east))
    async with db.reading() as session:
        row = await session.get(ApiKeyRow, "a")
    assert row is not None
    assert row.created_at == NOW
    assert row.created_at.tzinfo is UTC


async def test_a_naive_datetime_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="expected a datetime with a time zone"):
        async with db.session() as session:
            session.add(key_row("a", NOW.replace(tzinfo=None)))


async def test_foreign_keys_are_enforced(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.session() as session:
            session.add(DidResourceRow(id="r", did="did:nobody", type="t", resource={}, created_at=NOW))


async def test_read_then_write_by_many_at_once_loses_no_update(db: Database) -> None:
    async with db.session() as session:
        session.add(DidTailsRow(digest="counter", content=b"0", created_at=NOW))

    async def increase() -> None:
        async with db.session() as session:
            row = await session.get(DidTailsRow, "counter", with_for_update=True)
            assert row is not None
            row.content = str(int(row.content) + 1).encode()

    await asyncio.gather(*(increase() for _ in range(30)))
    async with db.reading() as session:
        row = await session.get(DidTailsRow, "counter")
    assert row is not None
    assert row.content == b"30"


async def test_insert_once_inserts_once_however_many_try(db: Database) -> None:
    async def insert() -> bool:
        async with db.session() as session:
            return await insert_once(
                session, DidTailsRow, {"digest": "d", "content": b"x", "created_at": NOW}
            )

    assert sum(await asyncio.gather(*(insert() for _ in range(8)))) == 1


async def test_processes_that_start_together_may_all_upgrade(database_url: str, tmp_path: Path) -> None:
    await asyncio.gather(*(upgrade(database_url, tmp_path) for _ in range(4)))
    database = Database(database_url)
    async with database.reading() as session:
        found = await (await session.connection()).execute(text("select count(*) from api_key"))
        assert found.scalar() == 0
    await database.close()


async def test_who_opens_a_new_file_at_the_same_time_as_others_waits_for_them(tmp_path: Path) -> None:
    for number in range(20):  # one in some 200 was refused, before
        files = [Database(f"sqlite:///{tmp_path}/{number}.db") for _ in range(8)]
        await asyncio.gather(*(one.check() for one in files))
        await asyncio.gather(*(one.close() for one in files))


async def test_a_service_has_migrations_of_its_own_beside_the_shared_ones(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "service0001_first.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = 'service0001', None, None, None\n"
        "def upgrade():\n    op.create_table('award', sa.Column('id', sa.String(), primary_key=True))\n"
    )
    await upgrade(database_url, tmp_path)
    await upgrade(database_url, tmp_path)
    database = Database(database_url)
    async with database.reading() as session:
        connection = await session.connection()
        await connection.execute(text("select id from award"))
        await connection.execute(text("select id from outbox"))
    await database.close()


async def test_a_database_that_answers_passes_its_check(db: Database) -> None:
    await db.check()


async def test_a_database_that_does_not_answer_fails_its_check(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder/test.db")
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        await database.check()
    await database.close()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "not a url"])
def test_a_database_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid, match="expected"):
        Database(url)


async def test_a_session_with_a_database_that_is_away_says_so(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder/test.db", f"postgresql://u@127.0.0.1:{free_port()}/x"):
        database = Database(url)
        with pytest.raises(DatabaseUnavailable):
            async with database.session() as session:
                await session.get(ApiKeyRow, "a")
        await database.close()


async def test_an_error_tells_no_values(db: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        async with db.session() as session:
            session.add(DidResourceRow(id="r", did="Wanjiku", type="t", resource={}, created_at=NOW))
    assert "parameters" in str(refused.value)
    assert "'Wanjiku'" not in str(refused.value)


async def test_transactions_beyond_the_pool_wait_their_turn(postgres_url: str) -> None:
    database = Database(postgres_url)

    async def connections() -> int:
        async with database.reading() as session:
            found = await (await session.connection()).execute(
                text(
                    "select count(*), pg_sleep(0.05) from pg_stat_activity where datname = current_database()"
                )
            )
            return int(found.one()[0])

    counted = await asyncio.gather(*(connections() for _ in range(3 * MAX_CONNECTIONS)))
    assert max(counted) <= MAX_CONNECTIONS
    await database.close()


async def test_an_account_or_a_database_that_is_not_there_is_a_database_that_is_away(
    postgres_cluster: str,
) -> None:
    for url in (f"{postgres_cluster}/nowhere", postgres_cluster.replace("ujuzi@", "nobody@") + "/postgres"):
        database = Database(url)
        with pytest.raises(DatabaseUnavailable, match="refused or lost"):
            async with database.session() as session:
                await session.get(ApiKeyRow, "a")
        await database.close()


async def test_many_writers_at_once_all_get_their_turn(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BUSY_TIMEOUT_MS", 100)
    await upgrade(database_url, tmp_path)
    database = Database(database_url)

    async def write(number: int) -> None:
        async with database.session() as session:
            session.add(key_row(f"k{number}"))
            await session.flush()
            for _ in range(30):  # as long as a transaction is in a busy process
                await (await session.connection()).execute(text("select count(*) from api_key"))

    await asyncio.gather(*(write(number) for number in range(40)))
    async with database.reading() as session:
        found = await (await session.connection()).execute(text("select count(*) from api_key"))
        assert found.scalar_one() == 40
    await database.close()


async def test_who_reads_on_a_new_connection_waits_for_no_writer(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path}/test.db") as db:
        async with db.session() as session:
            await (await session.connection()).execute(text("create table things (id integer)"))
        async with (
            Database(f"sqlite:///{tmp_path}/test.db") as other,
            db.session(),
            asyncio.timeout(5),
            other.reading() as session,
        ):
            counted = await (await session.connection()).execute(text("select count(*) from things"))
            assert counted.scalar_one() == 0


async def test_a_bell_rings_after_the_commit_and_not_without(db: Database) -> None:
    rung: list[str] = []

    class Heard(Bells):
        def ring(self, key: str) -> None:
            rung.append(key)

    async def fail_half_way() -> None:
        async with db.session() as session:
            bells.ring_after(session, "lost")
            session.add(key_row("a"))
            await session.flush()
            raise ZeroDivisionError

    bells = Heard(look_seconds=1)
    with pytest.raises(ZeroDivisionError):
        await fail_half_way()
    async with db.session() as session:
        bells.ring_after(session, "kept")
        session.add(key_row("a"))
        await session.flush()
        assert rung == []
    assert rung == ["kept"]
