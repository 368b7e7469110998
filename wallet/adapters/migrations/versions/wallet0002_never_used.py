"""Since when a wallet was never used; of those made before nobody knows, so they stay."""

import sqlalchemy as sa
from alembic import op

revision = "wallet0002"
down_revision = "wallet0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wallets", sa.Column("never_used_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_wallets_never_used_since", "wallets", ["never_used_since"])
