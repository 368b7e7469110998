"""Awards of a state by when they moved last: how many claim now must not take longer the more there ever were."""

from alembic import op

revision = "issuer0015"
down_revision = "issuer0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_award_state_updated_at", "award", ["state", "updated_at"])
    op.drop_index("ix_award_state", "award")
