"""Organisations that ask to be listed: what they say, who did what about it, and the files they bring."""

import sqlalchemy as sa
from alembic import op

revision = "registry0003"
down_revision = "registry0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("proposal_id", sa.String(), sa.ForeignKey("proposal.id"), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("contact", sa.JSON(), nullable=True),
        sa.Column("link_digest", sa.String(), nullable=False, unique=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "application_entry",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("application_id", sa.String(), sa.ForeignKey("application.id"), nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "application_file",
        sa.Column("application_id", sa.String(), sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    for table in ("application_file", "application_entry", "application"):
        op.drop_table(table)
