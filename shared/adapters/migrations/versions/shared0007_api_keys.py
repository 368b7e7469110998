"""API keys end, remember the day of their last use, and who made them."""

import sqlalchemy as sa
from alembic import op

revision = "shared0007"
down_revision = "shared0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_key", sa.Column("last_used_on", sa.Date(), nullable=True))
    op.add_column("api_key", sa.Column("created_by", sa.String(), nullable=True))


def downgrade() -> None:
    for column in ("expires_at", "last_used_on", "created_by"):
        op.drop_column("api_key", column)
