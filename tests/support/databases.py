"""Databases for tests of what is kept: each runs on the stand-in in memory, on SQLite and on PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import pytest
from sqlalchemy.engine import URL, make_url

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
    if not await prepare(url, migrations):
        await upgrade(url, migrations)
    async with Database(url) as db:
        yield db


async def prepare(url: str, migrations: Path) -> bool:
    """Let an empty database have these tables, by copying one that this process has migrated; False if it is not empty."""
    at = make_url(url)
    return (
        await prepare_file(url, migrations)
        if at.get_backend_name() == "sqlite"
        else await _copied(at, migrations)
    )


async def prepare_file(url: str, migrations: Path) -> bool:
    """The same for SQLite; False for what else there is."""
    at = make_url(url)
    file = Path(at.database or "")
    if at.get_backend_name() != "sqlite" or await asyncio.to_thread(file.exists):
        return False
    kept = Path(_KEPT.name) / _name_of(migrations)
    if not await asyncio.to_thread(kept.exists):
        await upgrade(f"sqlite:///{kept}", migrations)
    await asyncio.to_thread(shutil.copyfile, kept, file)
    return True


async def _copied(at: URL, migrations: Path) -> bool:
    """On PostgreSQL; each cluster keeps what it migrated as a template."""
    async with _connected(at) as database:
        if await database.fetchval("select exists (select from pg_tables where schemaname = 'public')"):
            return False
    kept = at.set(database=_name_of(migrations))
    async with _connected(at.set(database="postgres")) as server:
        if not await server.fetchval(
            "select exists (select from pg_database where datname = $1)", kept.database
        ):
            await server.execute(f'create database "{kept.database}"')
            await upgrade(kept.render_as_string(hide_password=False), migrations)
        await server.execute(f'drop database "{at.database}"')
        await server.execute(f'create database "{at.database}" template "{kept.database}" strategy file_copy')
    return True


@asynccontextmanager
async def _connected(at: URL) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(at.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


def _name_of(migrations: Path) -> str:
    """What is kept is known by the migrations it has run."""
    files = "\n".join(sorted(map(str, migrations.glob("*.py"))))
    return f"kept_{sha256(files.encode()).hexdigest()[:16]}"
