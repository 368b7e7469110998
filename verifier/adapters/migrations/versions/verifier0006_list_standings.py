"""What webhooks were last told of each pinned list."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0006"
down_revision = "verifier0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_standing",
        sa.Column("url", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("list_standing")
