"""What learners ask to have deleted, and by which connection each request was asked."""

import json

import sqlalchemy as sa
from alembic import op

revision = "verifier0007"
down_revision = "verifier0006"
branch_labels = None
depends_on = None

_INSIDE = ((), ("asked",), ("answered", "asked"))
"""Where the exchange stands in the body of a state."""


def upgrade() -> None:
    op.create_table(
        "deletion_wish",
        sa.Column("request_id", sa.String(), primary_key=True),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("request", sa.Column("connection_id", sa.String(), nullable=True))
    op.create_index("ix_request_connection_id", "request", ["connection_id"])
    database = op.get_bind()
    request = sa.table("request", sa.column("id"), sa.column("body"), sa.column("connection_id"))
    for request_id, body in database.execute(sa.select(request.c.id, request.c.body)).all():
        connection_id = _connection(json.loads(body) if isinstance(body, str) else body)
        if connection_id is not None:
            database.execute(
                request.update().where(request.c.id == request_id).values(connection_id=connection_id)
            )


def _connection(body: dict) -> str | None:
    for way in _INSIDE:
        inside = body
        for name in way:
            inside = inside.get(name) or {}
        if inside.get("exchange"):
            return str(inside["exchange"]["connection_id"])
    return None


def downgrade() -> None:
    op.drop_index("ix_request_connection_id", table_name="request")
    op.drop_column("request", "connection_id")
    op.drop_table("deletion_wish")
