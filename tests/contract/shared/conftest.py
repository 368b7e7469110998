from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.sql import Database
from tests.support.databases import migrated


@pytest.fixture
async def db(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database with the shared tables only; each test runs on SQLite and on PostgreSQL."""
    async with migrated(database_url, tmp_path) as database:
        yield database
