"""Organisation, definition, templates, batches, awards, revocations."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0001"
down_revision = None
branch_labels = ("issuer",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "definition",
        sa.Column("profile_version", sa.String(), nullable=False),
        sa.Column("status_policy", sa.String(), nullable=False),
        sa.Column("schema_id", sa.String(), nullable=True),
        sa.Column("credential_definition_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("profile_version", "status_policy"),
    )
    op.create_table(
        "organisation",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "template",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=True),
        sa.Column("edition", sa.JSON(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_template_edition_id", "template", ["edition_id"])

    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("awards", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=False),
        sa.Column("separator", sa.String(), nullable=False),
        sa.Column("complaints", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "award",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("grade_pct", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("identity_salt", sa.String(), nullable=False),
        sa.Column("claim_digest", sa.String(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("invitation_msg_id", sa.String(), nullable=True),
        sa.Column("connection_id", sa.String(), nullable=True),
        sa.Column("cred_ex_id", sa.String(), nullable=True),
        sa.Column("rev_reg_id", sa.String(), nullable=True),
        sa.Column("cred_rev_id", sa.String(), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.Column("leftovers", sa.JSON(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_digest"),
    )
    op.create_index("ix_award_batch_id_id", "award", ["batch_id", "id"])
    op.create_index("ix_award_cred_ex_id", "award", ["cred_ex_id"])
    op.create_index("ix_award_invitation_msg_id", "award", ["invitation_msg_id"])
    op.create_index("ix_award_state", "award", ["state"])

    op.create_table(
        "revocation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("cred_ex_id", sa.String(), nullable=False),
        sa.Column("rev_reg_id", sa.String(), nullable=False),
        sa.Column("cred_rev_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["award_id"],
            ["award.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rev_reg_id", "cred_rev_id"),
    )
    op.create_index("ix_revocation_award_id", "revocation", ["award_id"])
