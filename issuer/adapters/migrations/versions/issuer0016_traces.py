"""The trace in which a file came goes on in its awards, months later too."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0016"
down_revision = "issuer0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch", sa.Column("trace", sa.String(), nullable=True))
    op.add_column("award", sa.Column("trace", sa.String(), nullable=True))
