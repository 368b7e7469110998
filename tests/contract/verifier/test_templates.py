"""One suite for KeepTemplates, on the fake, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.databases import migrated
from tests.support.verifier_fakes import MemoryTemplates
from verifier.adapters import sql_requests
from verifier.adapters.sql_templates import SqlTemplates
from verifier.domain.template import (
    Content,
    DateParameter,
    Draft,
    IntegerParameter,
    LevelParameter,
    Published,
    Ref,
    Retired,
    SkillParameter,
    TextParameter,
    publish,
    retire,
)
from verifier.ports import KeepTemplates

MIGRATIONS = Path(sql_requests.__file__).parent / "migrations/versions"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTENT = Content(
    "Junior analyst",
    {
        "days": IntegerParameter(1, 90, 30),
        "level": LevelParameter("eqf", 3, 6),
        "skill": SkillParameter(("https://skill.test/1", "https://skill.test/2"), "https://skill.test/2"),
        "since": DateParameter(date(2024, 1, 1), None, date(2025, 1, 1)),
        "purpose": TextParameter(100, {"en": "Application", "ar": "طلب"}),
    },
    {"purpose": {"parameter": "purpose"}, "need": [{"level": {"parameter": "level"}}], "keep_days": 30},
)


def draft(template_id: str = "analyst", version: int = 1) -> Draft:
    return Draft(Ref(template_id, version), CONTENT, NOW)


@pytest.fixture
async def templates(memory_or_url: str | None) -> AsyncIterator[KeepTemplates]:
    if memory_or_url is None:
        yield MemoryTemplates()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlTemplates(db)


async def test_every_state_is_read_as_it_was_written(templates: KeepTemplates) -> None:
    published = publish(draft(), now=NOW + timedelta(hours=1))
    retired = retire(published, now=NOW + timedelta(days=1))
    assert await templates.add(draft())
    assert await templates.find(Ref("analyst", 1)) == draft()
    assert await templates.save(published, expected=Draft)
    assert await templates.find(Ref("analyst", 1)) == published
    assert await templates.save(retired, expected=Published)
    assert await templates.find(Ref("analyst", 1)) == retired
    assert await templates.find(Ref("nobody", 1)) is None


async def test_a_version_is_written_once_and_only_a_draft_is_deleted(templates: KeepTemplates) -> None:
    assert await templates.add(draft())
    assert not await templates.add(draft())
    assert await templates.remove(Ref("analyst", 1))
    assert not await templates.remove(Ref("analyst", 1))
    assert await templates.add(draft())
    published = publish(draft(), now=NOW)
    assert await templates.save(published, expected=Draft)
    assert not await templates.save(draft(), expected=Draft)
    assert not await templates.remove(Ref("analyst", 1))
    assert await templates.find(Ref("analyst", 1)) == published


async def test_of_two_who_draft_at_once_one_wins(templates: KeepTemplates) -> None:
    assert sorted(await asyncio.gather(templates.add(draft()), templates.add(draft()))) == [False, True]


async def test_versions_are_listed_by_id_and_of_each_the_newest_first(templates: KeepTemplates) -> None:
    for each in (draft("b", 1), draft("a", 2), draft("a", 10), draft("a", 1)):
        await templates.add(each)
    everything = [Ref("a", 10), Ref("a", 2), Ref("a", 1), Ref("b", 1)]
    assert [each.ref for each in await templates.page(None, 10)] == everything
    assert [each.ref for each in await templates.page(Ref("a", 2), 10)] == everything[2:]
    assert [each.ref for each in await templates.page(None, 2)] == everything[:2]
    newest = await templates.newest("a")
    assert newest == draft("a", 10)
    assert await templates.newest("c") is None


def test_a_retired_template_stays_retired() -> None:
    retired = retire(publish(draft(), now=NOW), now=NOW)
    assert isinstance(retired, Retired)
    assert retire(retired, now=NOW + timedelta(days=1)) is retired
