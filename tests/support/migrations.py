"""Migrations and tables must agree: a check for tests, and a tool that drafts a migration.

.venv/bin/python -m tests.support.migrations issuer.adapters.sql_tables:Base issuer/adapters/migrations "First tables"
"""

import asyncio
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from shared.adapters import (
    sql,
    sql_api_keys,
    sql_audit,
    sql_did_store,
    sql_idempotency,
    sql_members,
    sql_outbox,
    sql_trust_pins,
    sql_webhooks,
)
from shared.adapters.sql import MIGRATIONS, Database, SharedTable, upgrade

SHARED_TABLES = (
    sql_api_keys,
    sql_audit,
    sql_did_store,
    sql_idempotency,
    sql_members,
    sql_outbox,
    sql_trust_pins,
    sql_webhooks,
)
"""Imported so that their tables are known to SharedTable."""


async def assert_migrations_match(url: str, migrations_dir: Path | str, *metadata: MetaData) -> None:
    """Migrate an empty database and fail unless it has exactly these tables and the shared ones."""
    await upgrade(url, migrations_dir)
    db = Database(url)
    try:
        async with db.engine.connect() as connection:
            found = await connection.run_sync(_differences, [*metadata, SharedTable.metadata])
    finally:
        await db.close()
    assert not found, "migrations and tables differ:\n" + "\n".join(map(str, found))


def _differences(connection: Connection, metadata: list[MetaData]) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    merged = MetaData()
    for part in metadata:
        for table in part.tables.values():
            table.to_metadata(merged)
    found: list[Any] = compare_metadata(context, merged)
    return found


def draft(metadata: MetaData, folder: Path, message: str) -> None:
    """Write a migration into `folder` that brings a database from its last state to these tables."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = "shared" if folder.resolve() == MIGRATIONS / "versions" else folder.parts[-3]
    earlier = sorted(path.stem.split("_")[0] for path in folder.glob(f"{owner}*.py"))

    def revise(config: Config) -> None:
        config.attributes["metadata"] = metadata
        command.revision(
            config,
            message=message,
            autogenerate=True,
            head=earlier[-1] if earlier else "base",
            version_path=str(folder),
            rev_id=f"{owner}{len(earlier) + 1:04}",
        )

    with tempfile.TemporaryDirectory() as temporary:
        url = f"sqlite:///{temporary}/draft.db"
        asyncio.run(upgrade(url, folder))
        asyncio.run(sql.with_alembic(url, folder, revise))


if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    draft(getattr(import_module(module), name).metadata, Path(sys.argv[2]), sys.argv[3])
