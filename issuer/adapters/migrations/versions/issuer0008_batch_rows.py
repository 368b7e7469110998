"""Rows of spreadsheets that are kept until they are awards, and a batch's way there.

What was imported before is prepared. That no row becomes two awards is said once more where nothing can get past it.
"""

import sqlalchemy as sa
from alembic import op

revision = "issuer0008"
down_revision = "issuer0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch", sa.Column("state", sa.String(), nullable=False, server_default="prepared"))
    for name in ("file_name", "uploaded_by", "asked_by", "approved_by", "sent_back"):
        op.add_column("batch", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("batch", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_batch_state", "batch", ["state"])
    op.create_table(
        "batch_row",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("complaints", sa.JSON(), nullable=False),
        sa.Column("same_row", sa.Integer(), nullable=True),
        sa.Column("same_award", sa.String(), nullable=True),
        sa.Column("all_the_same", sa.Boolean(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=True),
        sa.Column("by_email", sa.String(), nullable=True),
        sa.Column("by_phone", sa.String(), nullable=True),
        sa.Column("by_day", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id", "row"),
    )
    op.create_index("ix_batch_row_state", "batch_row", ["batch_id", "state", "row"])
    for name in ("email", "phone", "day"):
        op.create_index(f"ix_batch_row_by_{name}", "batch_row", ["batch_id", f"by_{name}"])
    op.create_index(
        "ix_award_once_a_row",
        "award",
        ["batch_id", "row"],
        unique=True,
        sqlite_where=sa.text("replaces IS NULL"),
        postgresql_where=sa.text("replaces IS NULL"),
    )
