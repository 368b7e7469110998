"""Sessions of the job platform that requests are bound to."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0003"
down_revision = "verifier0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_session",
        sa.Column("request_id", sa.String(), primary_key=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bound", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("request_session")
