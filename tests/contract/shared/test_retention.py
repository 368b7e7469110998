"""What every service keeps for its time goes on a timer, whoever calls or does not call meanwhile."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from shared.adapters.retention import WHAT, Retention, Rule
from shared.adapters.sql import Database, DatabaseUnavailable
from shared.adapters.sql_audit import KEPT as AUDIT_KEPT
from shared.adapters.sql_audit import AuditRow
from shared.adapters.sql_idempotency import KEPT as ANSWERS_KEPT
from shared.adapters.sql_idempotency import IdempotentAnswerRow
from shared.adapters.sql_members import MemberRow, MemberSessionRow, SignInAttemptRow
from shared.ports.members import SESSION_LASTS
from tests.support.databases import migrated

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


async def fill(db: Database) -> None:
    """An entry and an answer just in time, and one of each just past it."""
    async with db.session() as session:
        for name, at in (("old", NOW - AUDIT_KEPT - MOMENT), ("kept", NOW - AUDIT_KEPT)):
            session.add(AuditRow(id=name, at=at, what="POST /v1/x", objects=[], outcome="done"))
        for name, at in (("old", NOW - ANSWERS_KEPT - MOMENT), ("kept", NOW - ANSWERS_KEPT)):
            session.add(IdempotentAnswerRow(key=name, request="r", begun_at=at, sealed=b"x" * 100))


async def entries(db: Database) -> list[AuditRow]:
    async with db.reading() as session:
        return list(await session.exec(select(AuditRow).order_by(AuditRow.id)))


async def answers(db: Database) -> list[str]:
    async with db.reading() as session:
        return list(await session.exec(select(IdempotentAnswerRow.key)))


async def test_what_is_past_its_time_goes_and_nothing_else_and_one_line_says_so(db: Database) -> None:
    await fill(db)

    gone = await Retention(db, {}, clock=lambda: NOW)()

    assert gone == {"audit": 1, "idempotent_answer": 1}
    assert await answers(db) == ["kept"]
    run, kept = await entries(db)
    assert kept.id == "kept"
    assert (run.who, run.what, run.outcome) == ("service", WHAT, "removed 1 audit, 1 idempotent_answer")


async def test_sessions_and_attempts_to_sign_in_go_when_they_are_over(db: Database) -> None:
    async with db.session() as session:
        session.add(MemberRow(id="m", name="Officer", email="o@example.org", roles=[], created_at=NOW))
        await session.flush()
        for name, at in (("old", NOW - SESSION_LASTS - MOMENT), ("kept", NOW - SESSION_LASTS)):
            session.add(MemberSessionRow(digest=name, member_id="m", way="passkey", began_at=at, used_at=at))
        for name, at in (("old", NOW - MOMENT), ("kept", NOW)):
            session.add(SignInAttemptRow(digest=name, facts={}, expires_at=at))

    assert await Retention(db, {}, clock=lambda: NOW)() == {"member_session": 1, "sign_in_attempt": 1}

    async with db.reading() as session:
        assert [row.digest for row in await session.exec(select(MemberSessionRow))] == ["kept"]
        assert [row.digest for row in await session.exec(select(SignInAttemptRow))] == ["kept"]


async def test_of_two_processes_at_once_each_row_is_counted_by_one(db: Database) -> None:
    await fill(db)

    both = await asyncio.gather(*(Retention(db, {}, clock=lambda: NOW)() for _ in range(2)))

    assert sum(gone.get("audit", 0) for gone in both) == 1
    assert sum(gone.get("idempotent_answer", 0) for gone in both) == 1


async def test_a_rule_that_fails_holds_up_no_other_and_is_named(db: Database) -> None:
    await fill(db)

    async def away(_now: datetime) -> int:
        raise DatabaseUnavailable("away")

    async def two(_now: datetime) -> int:
        return 2

    rules: dict[str, Rule] = {"wallets": away, "request": two}
    assert await Retention(db, rules, clock=lambda: NOW)() == {
        "audit": 1,
        "idempotent_answer": 1,
        "request": 2,
    }
    line = next(entry for entry in await entries(db) if entry.what == WHAT)
    assert line.outcome == "removed 1 audit, 1 idempotent_answer, 2 request; failed wallets"


async def test_a_sqlite_file_gets_smaller_when_rows_go(tmp_path: Path) -> None:
    file = tmp_path / "service.db"
    async with migrated(f"sqlite:///{file}", tmp_path) as db:
        old = NOW - ANSWERS_KEPT - MOMENT
        async with db.session() as session:
            for number in range(400):
                session.add(
                    IdempotentAnswerRow(key=str(number), request="r", begun_at=old, sealed=b"x" * 4000)
                )
        await db.close()  # the write-ahead log goes into the file
        before = file.stat().st_size
        assert await Retention(db, {}, clock=lambda: NOW)() == {"idempotent_answer": 400}
        await db.close()
        after = file.stat().st_size
    assert before > 1_600_000
    assert after < before / 4


async def test_what_was_deleted_is_found_neither_in_a_sqlite_file_nor_in_its_journal(tmp_path: Path) -> None:
    value = b"Nomvula Dlamini, born 1999"
    async with migrated(f"sqlite:///{tmp_path}/kept.db", tmp_path) as db:
        async with db.session() as session:
            for number in range(200):  # old and kept share pages, which then stay in use
                old = number % 2
                row = IdempotentAnswerRow(
                    key=f"{number}",
                    request="r",
                    begun_at=NOW - ANSWERS_KEPT - MOMENT if old else NOW,
                    sealed=value if old else b"x" * 30,
                )
                session.add(row)
        await db.empty_journal()
        assert in_files(tmp_path, value), "it is there, and this search finds it"
        await Retention(db, {}, clock=lambda: NOW)()
        assert in_files(tmp_path, value) == []


def in_files(folder: Path, value: bytes) -> list[str]:
    """Names of the files in which the value stands."""
    found = []
    for name in ("kept.db", "kept.db-wal"):
        with suppress(FileNotFoundError):  # a journal goes with the last connection
            if value in (folder / name).read_bytes():
                found.append(name)
    return found
