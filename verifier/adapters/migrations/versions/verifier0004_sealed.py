"""What learners showed is sealed; the service seals what is there when it starts."""

import sqlalchemy as sa
from alembic import op

revision = "verifier0004"
down_revision = "verifier0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("request", "sealed")
