"""Skills of ESCO, by their names in each language."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0005"
down_revision = "issuer0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skill",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("withdrawn_in", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("uri"),
    )
    op.create_table(
        "skill_label",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uri", "language"),
    )
    op.create_index("ix_skill_label_language", "skill_label", ["language"])
    op.create_table(
        "skill_file",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("skills", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("language"),
    )
