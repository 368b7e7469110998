"""Awards can be suspended and reinstated: a mark on the award, and for its credential what the agent is to make of it."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0012"
down_revision = "issuer0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("award", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("award", sa.Column("suspended_because", sa.String(), nullable=True))
    op.create_table(
        "status_change",
        sa.Column("rev_reg_id", sa.String(), nullable=False),
        sa.Column("cred_rev_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("cred_ex_id", sa.String(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rev_reg_id", "cred_rev_id"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_status_change_award_id", "status_change", ["award_id"])
