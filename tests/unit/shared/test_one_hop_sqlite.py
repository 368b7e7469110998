"""SQLite as SQLAlchemy sees it through connections that go to their thread once for each statement."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from shared.adapters.one_hop_sqlite import OneHopConnection
from shared.adapters.sql import Database


async def test_a_row_read_in_a_transaction_takes_one_visit_for_each_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits: list[str] = []
    execute = OneHopConnection._execute

    async def counted(self: OneHopConnection, fn: object, *args: object, **kwargs: object) -> object:
        visits.append(getattr(fn, "__name__", ""))
        return await execute(self, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    async with Database(f"sqlite:///{tmp_path / 'one.db'}") as db:
        async with db.session() as session:
            await session.exec(text("create table word (said text unique)"))  # type: ignore[call-overload]
        statements: list[str] = []
        event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        monkeypatch.setattr(OneHopConnection, "_execute", counted)
        async with db.reading() as session:
            assert (await session.exec(text("select 1"))).all() == [(1,)]  # type: ignore[call-overload]
    assert statements == ["begin", "select 1"]
    assert visits[:3] == ["_done", "_done", "commit"]


async def test_rows_counts_and_refusals_are_sqlites_own(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path / 'one.db'}") as db:
        async with db.engine.begin() as connection:
            await connection.execute(text("create table word (id integer primary key, said text unique)"))
            one = await connection.execute(text("insert into word (said) values ('ja')"))
            assert (one.rowcount, one.lastrowid) == (1, 1)
            many = await connection.execute(
                text("insert into word (said) values (:said)"), [{"said": "nein"}, {"said": "doch"}]
            )
            assert many.rowcount == 2
            back = await connection.execute(text("update word set said = said || '!' returning id"))
            assert sorted(back.scalars()) == [1, 2, 3]
            rows = await connection.execute(text("select said from word order by id"))
            assert rows.scalars().all() == ["ja!", "nein!", "doch!"]
        with pytest.raises(IntegrityError) as refused:
            async with db.engine.begin() as connection:
                await connection.execute(text("insert into word (said) values ('ja!')"))
        assert isinstance(refused.value.orig, sqlite3.IntegrityError)
        async with db.engine.connect() as connection:
            assert (await connection.execute(text("select count(*) from word"))).scalar() == 3
