from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.sql import Database, upgrade


@pytest.fixture
async def db(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database with the shared tables only; each test runs on SQLite and on PostgreSQL."""
    await upgrade(database_url, tmp_path)
    database = Database(database_url)
    try:
        yield database
    finally:
        await database.close()
