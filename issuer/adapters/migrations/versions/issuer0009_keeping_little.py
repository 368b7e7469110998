"""Keeping little: when contact data went, what was asked about somebody's data, figures that outlive awards, closing."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0009"
down_revision = "issuer0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("award", sa.Column("contact_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "figure",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "month", "programme", "what", "days"),
    )
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("awards", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("check", sa.JSON(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation", "number"),
    )
