"""Wallets whose deletion has begun, and the keys that statements of it are signed with."""

import sqlalchemy as sa
from alembic import op

revision = "wallet0003"
down_revision = "wallet0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wallets", sa.Column("erasing_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_wallets_erasing_since", "wallets", ["erasing_since"])
    op.create_table(
        "statement_keys",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
