"""Which DID an operator of a pinned list has, and which key it now signs with."""

import sqlalchemy as sa
from alembic import op

revision = "shared0003"
down_revision = "shared0002"
branch_labels = None
depends_on = None

COLUMNS = ("operator_did", "did_version", "followed_key")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("trust_pins", sa.Column(name, sa.String(), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("trust_pins", name)
