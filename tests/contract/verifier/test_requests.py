"""One suite for KeepRequests, on the fake, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlmodel import select

from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.sql_outbox import Outbox, OutboxRow
from shared.contracts.signed_request import MAX_KEEP_DAYS
from tests.support.databases import migrated
from tests.support.migrations import assert_migrations_match
from tests.support.verifier_fakes import Clock, MemoryAgent, MemoryRequests
from verifier.adapters import (
    sql_copies,
    sql_list_standings,
    sql_requests,
    sql_sessions,
    sql_templates,
    sql_wishes,
)
from verifier.adapters.sql_requests import RequestRow, SqlRequests, VerifierTable
from verifier.domain.levels import LevelAsked
from verifier.domain.names import Applicant
from verifier.domain.question import AskedOfOneCredential, Predicate, Question, Restriction
from verifier.domain.request import (
    Answered,
    Asked,
    Created,
    Disclosure,
    Exchange,
    Expired,
    Invitation,
    Judged,
    Request,
    Sought,
    Stated,
    Withdrawn,
    answer,
    ask,
    decline,
    expire,
    forget,
    settle,
    withdraw,
)
from verifier.domain.requirement import (
    LONGEST_EXPIRY,
    Alternative,
    Need,
    Requirement,
)
from verifier.domain.retention import REQUESTS_KEPT
from verifier.domain.session import SessionAsked
from verifier.domain.template import Ref, UsedTemplate
from verifier.domain.verdict import Outcome, Result, Step, Verdict
from verifier.errors import RequestFinished, RequestSealed
from verifier.ports import KeepRequests
from verifier.use_cases.tidy_up import TidyUp

MIGRATIONS = Path(sql_requests.__file__).parent / "migrations/versions"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEED = Need((Alternative("https://skill.test/1", LevelAsked("eqf", 4), 100),), NOW.date(), not_expired=True)
QUESTION = Question(
    (
        AskedOfOneCredential(
            NEED, ("achievement_id",), (Predicate("expiry_dateint", 1),), (Restriction("d", None),)
        ),
    ),
    ("a warning",),
)
VERDICT = Verdict(
    Result.REJECTED, (Step(7, "requirement is met", Outcome.FAILED, "eqf 3", "not met", {"a": "b"}),)
)


def created(number: int = 1) -> Created:
    return Created(
        Stated(
            id=f"01991a6e-0000-7000-8000-{number:012}",
            requirement=Requirement(
                "p",
                (NEED,),
                ("title",),
                30,
                trust_lists=("https://list.test",),
                ways=((NEED,), (NEED, NEED)),
                purposes=(("en", "p"), ("ar", "طلب")),
                name="shown",
            ),
            invitation=Invitation("https://verifier.test/i?oob=x", f"invitation-{number}", "did:key:z"),
            created_at=NOW,
            expires_at=NOW + timedelta(days=7),
            warnings=("a warning",),
            way=1,
            template=UsedTemplate(Ref("analyst", 2), {"level": 4, "purpose": {"en": "p"}}),
            applicant=Applicant("Amina", "Otieno"),
            session=SessionAsked("https://jobs.test/", must_be_bound=True),
        )
    )


def asked(number: int = 1) -> Asked:
    exchange = Exchange(f"exchange-{number}", f"connection-{number}", f"thread-{number}")
    return ask(created(number), QUESTION, exchange, request_digest="z", now=NOW)


def answered(number: int = 1) -> Answered:
    return answer(asked(number), received_at=NOW, answer_digest=f"digest-{number}", now=NOW)


def judged(number: int = 1) -> Judged:
    return settle(answered(number), VERDICT, [Disclosure(0, {"title": "Data Analytics"})], "a.b.c", now=NOW)


@dataclass
class Store:
    requests: KeepRequests
    db: Database | None = None


@pytest.fixture
async def store(memory_or_url: str | None) -> AsyncIterator[Store]:
    if memory_or_url is None:
        yield Store(MemoryRequests())
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield Store(SqlRequests(db, Outbox(db), key=bytes(32)), db)


async def test_migrations_make_the_tables(database_url: str) -> None:
    assert all((sql_copies, sql_list_standings, sql_sessions, sql_templates, sql_wishes))
    await assert_migrations_match(database_url, MIGRATIONS, VerifierTable.metadata)


async def test_every_state_is_read_as_it_was_written(store: Store) -> None:
    requests = store.requests
    await requests.add(created())
    assert await requests.find(created().stated.id) == created()
    assert await requests.by_invitation("invitation-1") == created()
    transitions: tuple[tuple[type[Request], Request], ...] = (
        (Created, asked()),
        (Asked, answered()),
        (Answered, judged()),
        (Judged, forget(judged())),
    )
    for before, after in transitions:
        assert await requests.save(after, expected=before)
        assert await requests.by_exchange("exchange-1") == after
        assert await requests.by_connection("connection-1") == after
    assert await requests.by_connection("another") is None
    finals: tuple[Request, ...] = (
        decline(asked(2), "no", now=NOW),
        expire(created(3), now=NOW),
        withdraw(asked(4), now=NOW),
    )
    for number, final in enumerate(finals, start=2):
        await requests.add(created(number))
        assert await requests.save(final, expected=Created)
        assert await requests.find(final.stated.id) == final
    assert await requests.find("nobody") is None


async def test_of_two_who_decide_at_once_one_wins(store: Store) -> None:
    await store.requests.add(created())
    await store.requests.save(asked(), expected=Created)
    finals = (expire(asked(), now=NOW), withdraw(asked(), now=NOW), answered())
    won = await asyncio.gather(*(store.requests.save(final, expected=Asked) for final in finals))
    assert sum(won) == 1
    found = await store.requests.find(created().stated.id)
    assert found == finals[won.index(True)]
    assert not await store.requests.save(
        judged(), expected=Expired if isinstance(found, Answered) else Answered
    )


async def test_whoever_follows_a_request_is_told_of_each_change_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK_SECONDS", "LOOK_SHARED_SECONDS"):
        monkeypatch.setattr(sql_requests, name, 3600.0)
    if store.db is not None:
        store.requests = SqlRequests(store.db, Outbox(store.db), key=bytes(32))
    await store.requests.add(created())
    with store.requests.following(created().stated.id) as changed:
        assert await store.requests.save(asked(), expected=Created)
        async with asyncio.timeout(30):
            await changed()
        waiting = asyncio.ensure_future(changed())
        assert await store.requests.save(answered(), expected=Asked)
        async with asyncio.timeout(30):
            await waiting


async def test_those_sought_are_found_in_every_state(store: Store) -> None:
    requests = store.requests
    for number in range(1, 6):
        await requests.add(created(number))
    await requests.save(asked(2), expected=Created)
    await requests.save(answered(3), expected=Created)
    await requests.save(judged(4), expected=Created)
    plain = created(6)
    await requests.add(replace(plain, stated=replace(plain.stated, template=None)))

    async def numbers(sought: Sought) -> list[int]:
        return [int(each.stated.id[-1]) for each in await requests.page(None, 9, sought)]

    assert await numbers(Sought()) == [6, 5, 4, 3, 2, 1]
    assert await numbers(Sought(template_id="analyst")) == [5, 4, 3, 2, 1]
    assert await numbers(Sought(template_id="analys")) == []
    assert await numbers(Sought(state="created")) == [6, 5, 1]
    assert await numbers(Sought(state="created", template_id="analyst")) == [5, 1]
    assert await numbers(Sought(result=Result.REJECTED)) == [4]
    assert await numbers(Sought(result=Result.UNDECIDED)) == []


async def test_pages_run_from_the_newest_to_the_oldest(store: Store) -> None:
    for number in (1, 2, 3):
        await store.requests.add(created(number))
    first = await store.requests.page(None, 2)
    assert first == [created(3), created(2)]
    assert await store.requests.page(first[-1].stated.id, 2) == [created(1)]


async def test_waiting_requests_are_those_without_an_end(store: Store) -> None:
    for number in (1, 2, 3, 4):
        await store.requests.add(created(number))
    await store.requests.save(asked(2), expected=Created)
    await store.requests.save(answered(3), expected=Created)
    await store.requests.save(judged(4), expected=Created)
    assert await store.requests.waiting() == [created(1), asked(2), answered(3)]


async def test_disclosed_values_are_due_once_and_the_agents_record_until_it_is_cleared(store: Store) -> None:
    await store.requests.add(created())
    await store.requests.save(judged(), expected=Created)
    due = judged().keep_until
    assert await store.requests.to_forget(due - timedelta(seconds=1)) == []
    assert await store.requests.to_forget(due) == [judged()]
    assert await store.requests.to_clear() == [judged()]
    await store.requests.cleared(judged().stated.id)
    assert await store.requests.to_clear() == []
    await store.requests.save(forget(judged()), expected=Judged)
    assert await store.requests.to_forget(due) == []
    assert await store.requests.to_clear() == []


async def test_the_same_presentation_is_recognised_in_another_request_only(store: Store) -> None:
    await store.requests.add(created(1))
    await store.requests.save(answered(1), expected=Created)
    await store.requests.add(created(2))
    await store.requests.save(replace(answered(2), answer_digest="digest-1"), expected=Created)
    assert await store.requests.seen_before("digest-1", but_not=created(2).stated.id) == created(1).stated.id
    assert await store.requests.seen_before("digest-3", but_not=created(2).stated.id) is None


async def test_changes_of_state_are_announced_once_and_forgetting_leaves_no_claim(
    database_url: str,
) -> None:
    await upgrade(database_url, MIGRATIONS)
    db = Database(database_url)
    requests = SqlRequests(db, Outbox(db), key=bytes(32))
    await requests.add(created())
    await requests.save(judged(), expected=Created)
    await requests.save(forget(judged()), expected=Judged)
    async with db.reading() as session:
        events = (await session.exec(select(OutboxRow).order_by(OutboxRow.id))).all()
        row = (await session.exec(select(RequestRow))).one()
    await db.close()
    assert [event.subject for event in events] == [
        "events.request.created.v1",
        "events.request.judged.v1",
    ]
    assert all(b"Data Analytics" not in event.payload for event in events)
    assert "Data Analytics" not in str(row.body)
    assert "eqf 3" not in str(row.body)
    assert "Otieno" not in str(row.body)


async def test_what_was_shown_is_sealed_until_it_is_forgotten(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        requests = SqlRequests(db, Outbox(db), key=bytes(32))
        await requests.add(judged())
        async with db.reading() as session:
            row = (await session.exec(select(RequestRow))).one()
        assert row.sealed is not None
        for value in ("Data Analytics", "eqf 3", "Otieno"):
            assert value not in str(row.body)
            assert value.encode() not in row.sealed
        assert await requests.find(judged().stated.id) == judged()
        other = SqlRequests(db, Outbox(db), key=bytes([1]) * 32)
        with pytest.raises(RequestSealed, match="sealed with another secret key"):
            await other.find(judged().stated.id)
        await requests.save(forget(judged()), expected=Judged)
        async with db.reading() as session:
            assert (await session.exec(select(RequestRow))).one().sealed is None


async def test_what_an_earlier_version_kept_in_plain_text_is_sealed_once(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db:
        requests = SqlRequests(db, Outbox(db), key=bytes(32))
        await requests.add(judged())
        await requests.add(withdraw(created(2), now=NOW))
        async with db.session() as session:
            row = await session.get(RequestRow, judged().stated.id)
            assert row is not None
            row.body, row.sealed = TypeAdapter(Judged).dump_python(judged(), mode="json"), None
            session.add(row)
        assert await requests.seal() == 1
        assert await requests.seal() == 0
        async with db.reading() as session:
            row = await session.get(RequestRow, judged().stated.id)
        assert row is not None
        assert "Data Analytics" not in str(row.body)
        assert await requests.find(judged().stated.id) == judged()


async def test_each_deletion_after_keep_days_stands_in_the_audit_log(database_url: str) -> None:
    """And the values stand in no row of any table then."""
    async with migrated(database_url, MIGRATIONS) as db:
        audit, requests = SqlAuditLog(db), SqlRequests(db, Outbox(db), key=bytes(32))
        for number in (1, 2):
            await requests.add(judged(number))
        clock = Clock(NOW + timedelta(days=30))
        agent = MemoryAgent(clock)
        judge: Any = no_judging
        tidy_up = TidyUp(requests, agent, judge, clock=clock)
        await tidy_up()
        await tidy_up()
        entries = await audit.entries(after=None, limit=10)
        async with db.reading() as session:
            kept = [
                str((await session.exec(text(f"select * from {table}"))).all())  # type: ignore[call-overload]  # noqa: S608 - our own names
                for table in ("request", "outbox", "audit")
            ]
    assert [(each.who, each.what, each.objects, each.outcome) for each in entries] == [
        ("service", "KEEP_DAYS", (f"request:{judged(number).stated.id}",), "changed") for number in (1, 2)
    ]
    for value in ("Data Analytics", "eqf 3", "Otieno"):
        assert value not in "".join(kept)


async def no_judging(exchange_id: str) -> None:
    """There is nothing to judge any more."""
    assert exchange_id


def test_an_end_without_a_verdict_leaves_no_name() -> None:
    for end in (decline(asked(), "no", now=NOW), expire(asked(), now=NOW), withdraw(created(), now=NOW)):
        assert end.stated.applicant is None
    assert forget(judged()).stated.applicant is None


def test_only_a_waiting_request_can_be_withdrawn() -> None:
    assert isinstance(withdraw(created(), now=NOW), Withdrawn)
    with pytest.raises(RequestFinished, match="the request is judged"):
        withdraw(judged(), now=NOW)


async def test_a_finished_request_goes_with_its_time_when_nothing_else_hangs_on_it(store: Store) -> None:
    requests = store.requests
    ends: tuple[Request, ...] = (
        asked(1),
        answered(2),
        judged(3),
        forget(judged(4)),
        expire(created(5), now=NOW),
        withdraw(asked(6), now=NOW),
    )
    for number, end in enumerate(ends, start=1):
        await requests.add(created(number))
        assert await requests.save(end, expected=Created)
    await requests.cleared(ends[3].stated.id)
    moment = timedelta(seconds=1)

    assert await requests.drop(made_before=NOW) == 0
    assert await requests.drop(made_before=NOW + moment) == 2
    assert [await requests.find(end.stated.id) is None for end in ends] == [
        *(False, False, False),
        *(True, True),
        False,
    ]
    assert await requests.drop(made_before=NOW + moment) == 0
    await requests.cleared(ends[5].stated.id)
    assert await requests.drop(made_before=NOW + moment) == 1


def test_no_request_goes_while_its_answer_may_be_kept() -> None:
    assert LONGEST_EXPIRY + timedelta(days=MAX_KEEP_DAYS) < REQUESTS_KEPT


async def test_of_two_processes_that_renew_a_request_at_once_one_wins(store: Store) -> None:
    requests = store.requests
    await requests.add(created())
    assert not await requests.renew(_in_place_of_the_first(2)), "it has not ended"
    await requests.save(expire(created(), now=NOW), expected=Created)
    won = await asyncio.gather(*(requests.renew(_in_place_of_the_first(number)) for number in (2, 3, 4)))
    assert sorted(won) == [False, False, True]
    ended = await requests.find(created().stated.id)
    assert isinstance(ended, Expired)
    (renewing,) = [each for each in await requests.page(None, 9) if each != ended]
    assert (ended.renewed_by, renewing.stated.renews) == (renewing.stated.id, ended.stated.id)
    assert not await requests.renew(replace(created(5), stated=replace(created(5).stated, renews="nobody")))


def _in_place_of_the_first(number: int) -> Created:
    made = created(number)
    return replace(made, stated=replace(made.stated, renews=created().stated.id))
