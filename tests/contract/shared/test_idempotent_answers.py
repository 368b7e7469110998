"""One suite for the port IdempotentAnswers: the fake that unit tests use, and SQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from shared.adapters.sql_idempotency import (
    KEPT,
    LONGEST_REQUEST,
    IdempotentAnswerRow,
    SqlIdempotentAnswers,
)
from shared.ports.idempotency import Answered, Begun, IdempotentAnswers, InProgress, OtherRequest
from tests.support.databases import migrated
from tests.support.fakes import MemoryAnswers


@dataclass
class StillClock:
    """Stands still until told."""

    now: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def answers(
    memory_or_url: str | None, tmp_path: Path, clock: StillClock
) -> AsyncIterator[IdempotentAnswers]:
    if memory_or_url is None:
        yield MemoryAnswers(clock)
        return
    async with migrated(memory_or_url, tmp_path) as db:
        yield SqlIdempotentAnswers(db, clock=clock)


async def test_a_new_key_begins(answers: IdempotentAnswers) -> None:
    assert await answers.begin("key", "request") == Begun()


async def test_the_same_request_meanwhile_is_in_progress(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request")
    assert await answers.begin("key", "request") == InProgress()


async def test_the_same_request_afterwards_has_its_answer(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request")
    await answers.finish("key", b"answer")
    assert await answers.begin("key", "request") == Answered(b"answer")


async def test_another_request_with_the_key_is_told_so(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request")
    assert await answers.begin("key", "another") == OtherRequest()


async def test_a_request_without_effect_may_be_tried_again(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request")
    await answers.forget("key")
    assert await answers.begin("key", "request") == Begun()


async def test_a_request_that_died_with_its_process_may_be_tried_again(
    answers: IdempotentAnswers, clock: StillClock
) -> None:
    await answers.begin("key", "request")
    clock.now += LONGEST_REQUEST + timedelta(seconds=1)
    assert await answers.begin("key", "request") == Begun()
    assert await answers.begin("key", "request") == InProgress()


async def test_an_answer_is_kept_for_a_day(answers: IdempotentAnswers, clock: StillClock) -> None:
    await answers.begin("key", "request")
    await answers.finish("key", b"answer")
    clock.now += KEPT
    assert await answers.begin("key", "request") == Answered(b"answer")
    clock.now += timedelta(seconds=1)
    assert await answers.begin("key", "request") == Begun()


async def test_what_was_kept_for_a_day_is_deleted_when_others_come(tmp_path: Path, clock: StillClock) -> None:
    async with migrated(f"sqlite:///{tmp_path / 'answers.db'}", tmp_path) as db:
        answers = SqlIdempotentAnswers(db, clock=clock)
        await answers.begin("old", "request")
        clock.now += KEPT + timedelta(seconds=1)
        await answers.begin("new", "request")
        async with db.reading() as session:
            assert [row.key for row in await session.exec(select(IdempotentAnswerRow))] == ["new"]


async def test_of_many_at_once_one_begins(answers: IdempotentAnswers) -> None:
    found = await asyncio.gather(*(answers.begin("key", "request") for _ in range(8)))
    assert found.count(Begun()) == 1
    assert found.count(InProgress()) == 7
