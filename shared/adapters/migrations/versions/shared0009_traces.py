"""The trace in which something was done goes on when it is told."""

import sqlalchemy as sa
from alembic import op

revision = "shared0009"
down_revision = "shared0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("trace", sa.String(), nullable=True))
