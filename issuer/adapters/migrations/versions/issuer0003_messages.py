"""What is sent to graduates: choices of a batch, links as they were sent, messages."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0003"
down_revision = "issuer0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("link_by", sa.String(), nullable=False),
        sa.Column("codes", sa.Boolean(), nullable=False),
        sa.Column("one_way", sa.String(), nullable=False),
        sa.Column("link_days", sa.Integer(), nullable=False),
        sa.Column("remind_every_days", sa.Integer(), nullable=True),
        sa.Column("remind_most", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id"),
    )
    op.create_table(
        "claim_link",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("short_digest", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("link_by", sa.String(), nullable=False),
        sa.Column("code_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("award_id"),
        sa.UniqueConstraint("short_digest"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("award_id", "kind", "number"),
    )
    op.create_index("ix_message_batch_id", "message", ["batch_id"])
    op.create_index("ix_message_due", "message", ["state", "channel", "next_at"])
