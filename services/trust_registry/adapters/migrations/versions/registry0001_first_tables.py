"""The register, its history and the lists issued."""

import sqlalchemy as sa
from alembic import op

revision = "registry0001"
down_revision = None
branch_labels = ("trust_registry",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheme",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("validity_seconds", sa.Integer(), nullable=False),
    )
    op.create_table(
        "entity",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("external_ids", sa.JSON(), nullable=False),
    )
    op.create_table(
        "entity_did",
        sa.Column("did", sa.String(), primary_key=True),
        sa.Column("entity_id", sa.String(), sa.ForeignKey("entity.id"), nullable=False, index=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_table(
        "entity_authorization",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("entity_id", sa.String(), sa.ForeignKey("entity.id"), nullable=False, index=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("dids", sa.JSON(), nullable=False),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("jurisdictions", sa.JSON(), nullable=False),
        sa.Column("highest_framework", sa.String(), nullable=True),
        sa.Column("highest_level", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("evidence_url", sa.String(), nullable=True),
        sa.Column("evidence_digest", sa.String(), nullable=True),
        sa.Column("delegated_by", sa.String(), nullable=True),
    )
    op.create_table(
        "status_period",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column(
            "authorization_id",
            sa.String(),
            sa.ForeignKey("entity_authorization.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("earlier_awards_stand", sa.Boolean(), nullable=True),
        sa.UniqueConstraint("authorization_id", "position"),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("entity_id", sa.String(), nullable=True, index=True),
        sa.Column("authorization_id", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_table(
        "list_issue",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("compact", sa.Text(), nullable=False),
        sa.Column("renew", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    for table in (
        "list_issue",
        "history",
        "status_period",
        "entity_authorization",
        "entity_did",
        "entity",
        "scheme",
    ):
        op.drop_table(table)
