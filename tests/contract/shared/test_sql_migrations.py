from pathlib import Path

from tests.support.migrations import assert_migrations_match


async def test_the_shared_migrations_make_exactly_the_shared_tables(
    database_url: str, tmp_path: Path
) -> None:
    await assert_migrations_match(database_url, tmp_path)
