"""Which shard a wallet's store is in; there was one before."""

import sqlalchemy as sa
from alembic import op

revision = "wallet0004"
down_revision = "wallet0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wallets", sa.Column("shard", sa.String(), nullable=False, server_default="main"))
    op.create_index("ix_wallets_shard", "wallets", ["shard"])
