"""What learners ask about their awards, and what officers answer."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0010"
down_revision = "issuer0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("award_id"),
    )
    op.create_index("ix_question_waiting", "question", ["organisation", "state", "moved_at"])
    op.create_table(
        "question_line",
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["question.award_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("award_id", "number"),
        sa.UniqueConstraint("award_id", "message_id"),
    )
    op.create_index("ix_question_line_sent_at", "question_line", ["sent_at"])
    op.create_index("ix_award_connection_id", "award", ["connection_id"])
    op.create_index("ix_revocation_connection_id", "revocation", ["connection_id"])
