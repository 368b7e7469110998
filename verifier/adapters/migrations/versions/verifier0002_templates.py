"""Requirement templates."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0002"
down_revision = "verifier0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requirement_template",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("requirement_template")
