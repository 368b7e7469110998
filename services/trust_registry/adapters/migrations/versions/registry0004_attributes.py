"""Whose values an organisation that may verify may ask for."""

import sqlalchemy as sa
from alembic import op

revision = "registry0004"
down_revision = "registry0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # what is here already names none, which means any
    op.add_column(
        "entity_authorization",
        sa.Column("attributes", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
    )


def downgrade() -> None:
    op.drop_column("entity_authorization", "attributes")
