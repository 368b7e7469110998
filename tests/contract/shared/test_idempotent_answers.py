"""One suite for the port IdempotentAnswers: the fake that unit tests use, and SQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.sql_idempotency import KEPT, LONGEST_REQUEST, SqlIdempotentAnswers
from shared.ports.idempotency import Answered, Begun, IdempotentAnswers, InProgress, OtherRequest
from tests.support.databases import migrated
from tests.support.fakes import MemoryAnswers

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
async def answers(memory_or_url: str | None, tmp_path: Path) -> AsyncIterator[IdempotentAnswers]:
    if memory_or_url is None:
        yield MemoryAnswers()
        return
    async with migrated(memory_or_url, tmp_path) as db:
        yield SqlIdempotentAnswers(db)


async def test_a_new_key_begins(answers: IdempotentAnswers) -> None:
    assert await answers.begin("key", "request", now=NOW) == Begun()


async def test_the_same_request_meanwhile_is_in_progress(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    assert await answers.begin("key", "request", now=NOW) == InProgress()


async def test_the_same_request_afterwards_has_its_answer(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    await answers.finish("key", b"answer")
    assert await answers.begin("key", "request", now=NOW) == Answered(b"answer")


async def test_another_request_with_the_key_is_told_so(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    assert await answers.begin("key", "another", now=NOW) == OtherRequest()


async def test_a_request_without_effect_may_be_tried_again(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    await answers.forget("key")
    assert await answers.begin("key", "request", now=NOW) == Begun()


async def test_a_request_that_died_with_its_process_may_be_tried_again(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    later = NOW + LONGEST_REQUEST + timedelta(seconds=1)
    assert await answers.begin("key", "request", now=later) == Begun()
    assert await answers.begin("key", "request", now=later) == InProgress()


async def test_an_answer_is_kept_for_a_day(answers: IdempotentAnswers) -> None:
    await answers.begin("key", "request", now=NOW)
    await answers.finish("key", b"answer")
    assert await answers.begin("key", "request", now=NOW + KEPT) == Answered(b"answer")
    assert await answers.begin("key", "request", now=NOW + KEPT + timedelta(seconds=1)) == Begun()


async def test_of_many_at_once_one_begins(answers: IdempotentAnswers) -> None:
    found = await asyncio.gather(*(answers.begin("key", "request", now=NOW) for _ in range(8)))
    assert found.count(Begun()) == 1
    assert found.count(InProgress()) == 7
