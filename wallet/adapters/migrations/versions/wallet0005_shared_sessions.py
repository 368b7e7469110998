"""What replicas share of a session: when it was used, and its agent's token, sealed under the session's own."""

import sqlalchemy as sa
from alembic import op

revision = "wallet0005"
down_revision = "wallet0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("sealed_token", sa.LargeBinary(), nullable=True))
