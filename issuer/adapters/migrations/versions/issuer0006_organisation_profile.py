"""How an organisation shows itself and speaks to graduates, and whether it asks for a second person.

Who was there before has no logo, no colour and no words of its own, and goes on deciding alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "issuer0006"
down_revision = "issuer0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("profile", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "organisation", sa.Column("second_person", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "organisation", sa.Column("suspended_because", sa.String(), nullable=False, server_default="")
    )
    op.create_table(
        "organisation_logo",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_index("ix_organisation_logo_digest", "organisation_logo", ["digest"])
    op.create_table(
        "organisation_wording",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("short", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "kind", "language"),
    )
