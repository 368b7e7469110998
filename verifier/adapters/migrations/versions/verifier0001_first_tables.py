"""Requests."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invitation_message_id", sa.String(), nullable=False, unique=True),
        sa.Column("exchange_id", sa.String(), nullable=True, unique=True),
        sa.Column("answer_digest", sa.String(), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_keeps", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    for column in ("state", "answer_digest", "forget_at", "agent_keeps"):
        op.create_index(f"ix_request_{column}", "request", [column])


def downgrade() -> None:
    op.drop_table("request")
