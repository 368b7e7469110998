"""Who did what is written with the change, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from shared.adapters.sql import Database
from shared.adapters.sql_api_keys import ApiKeyRow
from shared.adapters.sql_audit import KEPT, AuditRow, SqlAuditLog
from shared.ports.audit import CURRENT_DEED, Act, Deed, done_by, done_for

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(db: Database, clock: Clock) -> SqlAuditLog:
    return SqlAuditLog(db, clock=clock)


@pytest.fixture
def deed() -> Iterator[Deed]:
    """A deed that this test does."""
    deed = Deed(lambda: Act("POST /v1/keys/{key_id}", ("key:k1",)))
    CURRENT_DEED.set(deed)
    yield deed
    CURRENT_DEED.set(None)


def row(key_id: str) -> ApiKeyRow:
    return ApiKeyRow(id=key_id, digest=f"digest-{key_id}", name="Amina", scopes=[], created_at=NOW)


@pytest.mark.usefixtures("deed")
async def test_a_change_and_its_entry_are_one_transaction(db: Database, log: SqlAuditLog) -> None:
    done_by("key:officer")
    async with db.session() as session:
        session.add(row("k1"))

    (entry,) = await log.entries(after=None, limit=10)
    assert (entry.who, entry.what, entry.outcome) == ("key:officer", "POST /v1/keys/{key_id}", "changed")
    assert entry.objects == ("key:k1", "api_key:k1")
    assert entry.at == NOW


async def test_a_change_that_is_rolled_back_leaves_no_entry(
    db: Database, log: SqlAuditLog, deed: Deed
) -> None:
    async def change_and_fail() -> None:
        async with db.session() as session:
            session.add(row("k1"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()

    assert await log.entries(after=None, limit=10) == []
    assert not deed.changed


@pytest.mark.usefixtures("deed")
async def test_a_deed_of_several_transactions_is_noted_for_what_each_adds(
    db: Database, log: SqlAuditLog
) -> None:
    for names in (["k1"], ["k1", "k2"], []):
        async with db.session() as session:
            for name in names:
                await session.merge(row(name))

    assert [entry.objects[1:] for entry in await log.entries(after=None, limit=10)] == [
        ("api_key:k1",),
        ("api_key:k2",),
    ]


async def test_without_a_deed_nothing_is_noted(db: Database, log: SqlAuditLog) -> None:
    CURRENT_DEED.set(None)
    async with db.session() as session:
        session.add(row("k1"))
    assert await log.entries(after=None, limit=10) == []


@pytest.mark.usefixtures("deed", "log")
async def test_neither_values_nor_names_are_noted(db: Database) -> None:
    async with db.session() as session:
        session.add(row("k1"))
    async with db.reading() as session:
        noted = (await session.exec(select(AuditRow))).one().model_dump_json()
    assert "Amina" not in noted
    assert "digest" not in noted


async def test_a_refusal_is_noted_and_pages_follow_one_another(log: SqlAuditLog, deed: Deed) -> None:
    for status in (409, 403, 422):
        await log.note(deed, f"refused {status}")

    first = await log.entries(after=None, limit=2)
    rest = await log.entries(after=first[-1].id, limit=2)
    assert [entry.outcome for entry in [*first, *rest]] == ["refused 409", "refused 403", "refused 422"]


async def test_entries_are_kept_for_their_time_and_no_longer(
    log: SqlAuditLog, clock: Clock, deed: Deed
) -> None:
    await log.note(deed, "done")
    clock.now = NOW + KEPT
    await log.note(deed, "done")
    assert len(await log.entries(after=None, limit=10)) == 2
    clock.now = NOW + KEPT + timedelta(hours=2)
    await log.note(deed, "done")
    assert [entry.at for entry in await log.entries(after=None, limit=10)] == [NOW + KEPT, clock.now]


@pytest.mark.usefixtures("deed")
async def test_a_deed_stands_in_the_log_of_its_organisation_alone(db: Database, log: SqlAuditLog) -> None:
    done_by("key:officer", "umoja")
    done_for("elimu")
    async with db.session() as session:
        session.add(row("k1"))

    assert [each.who for each in await log.entries(after=None, limit=9, organisation="umoja")] == [
        "key:officer"
    ]
    for stranger in ("elimu", None):
        assert await log.entries(after=None, limit=9, organisation=stranger) == []


@pytest.mark.usefixtures("deed")
async def test_what_a_learner_does_stands_in_the_log_of_the_organisation_it_concerns(
    db: Database, log: SqlAuditLog
) -> None:
    async with db.session() as session:
        done_for("umoja")
        session.add(row("k1"))

    assert [each.who for each in await log.entries(after=None, limit=9, organisation="umoja")] == [None]
