"""A database with data in it comes through every migration with every record: counted before and after."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    func,
    inspect,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

from shared.adapters.sql import Database, upgrade, with_alembic

ROOT = Path(__file__).parents[3]
SERVICES = ("issuer", "wallet", "verifier", "services/trust_registry")
RECORDS = 40
START = datetime(2026, 1, 1, tzinfo=UTC)
ALEMBICS_OWN = "alembic_version"

type Counts = dict[str, int]


def revisions(config: Config) -> list[str]:
    """Every migration, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def counts_of(connection: Connection) -> Counts:
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in inspect(connection).get_table_names()
        if name != ALEMBICS_OWN
    }


def fill_empty(connection: Connection, counts: Counts) -> None:
    """Only what is empty is looked at closely, with what it refers to: that takes longest."""
    empty = [name for name, rows in counts.items() if not rows]
    metadata = MetaData()
    if empty:
        metadata.reflect(connection, only=empty)
    for each in metadata.sorted_tables:
        if not counts[each.name]:
            rows = [
                {column.name: value_in(column, number) for column in each.columns}
                for number in range(RECORDS)
            ]
            connection.execute(each.insert(), rows)


def value_in(column: Column[object], number: int) -> object:
    for key in column.foreign_keys:
        return value_in(key.column, number)
    values: dict[type[TypeEngine[Any]], object] = {
        Boolean: number % 2 == 0,
        Integer: number + 1,
        DateTime: START + timedelta(hours=number),
        Date: START.date() + timedelta(days=number),
        LargeBinary: bytes([number]),
        JSON: {"number": number},
    }
    fitting = (value for kind, value in values.items() if isinstance(column.type, kind))
    return next(fitting, f"{column.name} {number}")


@pytest.mark.parametrize("service", SERVICES)
async def test_no_record_is_lost_by_any_migration(database_url: str, service: str) -> None:
    versions = ROOT / service / "adapters" / "migrations" / "versions"
    before: Counts = {}

    def migrate_and_fill(config: Config) -> None:
        connection: Connection = config.attributes["connection"]
        for revision in revisions(config):
            command.upgrade(config, revision)
            after = counts_of(connection)
            assert {name: after.get(name) for name in before} == before, f"records lost by {revision}"
            fill_empty(connection, after)
            before.update(counts_of(connection))

    await with_alembic(database_url, versions, migrate_and_fill)
    assert min(before.values()) == RECORDS

    await upgrade(database_url, versions)  # what a service does when it starts again
    db = Database(database_url)
    async with db.engine.connect() as connection:
        assert await connection.run_sync(counts_of) == before
    await db.close()
