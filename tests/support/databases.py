"""Databases for tests of what is kept: each runs on the stand-in in memory, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.adapters.sql import Database, upgrade
from tests.support.postgres import fresh_database


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def memory_or_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """None for the stand-in in memory, else the URL of an empty database."""
    if request.param == "memory":
        return None
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.db"
    return await fresh_database(request.getfixturevalue("postgres_cluster"))


@asynccontextmanager
async def migrated(url: str, migrations: Path) -> AsyncIterator[Database]:
    """A database with the tables of these migrations and the shared ones."""
    await upgrade(url, migrations)
    async with Database(url) as db:
        yield db
