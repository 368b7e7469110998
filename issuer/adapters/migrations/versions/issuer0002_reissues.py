"""Awards issued again: which award first said the same, how often, why and after which check."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0002"
down_revision = "issuer0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("award", sa.Column("origin", sa.String(), nullable=True))
    op.add_column("award", sa.Column("reissues", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("award", sa.Column("reissue", sa.JSON(), nullable=True))
