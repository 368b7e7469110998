"""Alembic's entry: runs the migrations on the connection that `shared.adapters.sql` hands over."""

from alembic import context
from sqlalchemy import Connection, MetaData

connection: Connection = context.config.attributes["connection"]
metadata: MetaData | None = context.config.attributes.get("metadata")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """A drafted migration leaves the tables of others alone."""
    return kind != "table" or metadata is None or name in metadata.tables


context.configure(connection=connection, target_metadata=metadata, include_name=is_ours, render_as_batch=True)
context.run_migrations()
