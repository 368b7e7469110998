"""Wallets, their unlock methods and sessions."""

import sqlalchemy as sa
from alembic import op

revision = "wallet0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wallets",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "unlock_methods",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("wallet_id", sa.String(), sa.ForeignKey("wallets.id"), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_unlock_methods_wallet_id", "unlock_methods", ["wallet_id"])
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column("wallet_id", sa.String(), sa.ForeignKey("wallets.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_sessions_wallet_id", "sessions", ["wallet_id"])


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("unlock_methods")
    op.drop_table("wallets")
