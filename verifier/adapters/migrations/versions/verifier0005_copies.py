"""Copies of what issuers publish, for when their hosts are away."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0005"
down_revision = "verifier0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_copy",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_published_copy_used_at", "published_copy", ["used_at"])


def downgrade() -> None:
    op.drop_table("published_copy")
