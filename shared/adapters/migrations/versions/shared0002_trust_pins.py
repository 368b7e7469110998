"""Pinned trust lists and the newest issue seen of each."""

import sqlalchemy as sa
from alembic import op

revision = "shared0002"
down_revision = "shared0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trust_pins",
        sa.Column("url", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("operator_key", sa.String(), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("compact", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("trust_pins")
