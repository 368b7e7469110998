"""Who describes and approves a programme, when it is retired, and which editions are of the same programme.

Of templates from before nobody knows the author; each is a programme of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "issuer0011"
down_revision = "issuer0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("template", sa.Column("author", sa.String(), nullable=False, server_default=""))
    op.add_column("template", sa.Column("approved_by", sa.String(), nullable=True))
    op.add_column("template", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("template", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("template", sa.Column("replaces", sa.String(), nullable=True))
    op.add_column("template", sa.Column("programme_id", sa.String(), nullable=False, server_default=""))
    op.execute(sa.text("update template set programme_id = id"))
    op.create_index("ix_template_programme_id", "template", ["programme_id"])
