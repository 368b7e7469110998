"""Databases for tests of what is kept: each runs on the stand-in in memory, on SQLite and on PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from sqlalchemy import make_url

from shared.adapters.sql import Database, upgrade
from tests.support.postgres import fresh_database

_KEPT: Final = TemporaryDirectory(prefix="ujuzi-migrated-")
"""Goes with the process."""


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
    if file := _new_sqlite(url):
        await asyncio.to_thread(shutil.copyfile, await _sqlite_with(migrations), file)
    else:
        await upgrade(url, migrations)
    async with Database(url) as db:
        yield db


def _new_sqlite(url: str) -> Path | None:
    """The file that is to become this database; None where there is one, or PostgreSQL."""
    at = make_url(url)
    file = Path(at.database) if at.database and at.get_backend_name() == "sqlite" else None
    return file if file and not file.exists() else None


async def _sqlite_with(migrations: Path) -> Path:
    """A file that was migrated once, for all tests of this process to copy."""
    kept = Path(_KEPT.name) / sha256(str(migrations).encode()).hexdigest()
    if not kept.exists():
        await upgrade(f"sqlite:///{kept}", migrations)
    return kept
