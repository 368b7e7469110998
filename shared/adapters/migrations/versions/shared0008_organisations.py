"""Members, API keys, webhooks and deeds belong to an organisation where a service has several; elsewhere to none.

One person may be a member of two organisations, so an e-mail address is unique within one only.
"""

import sqlalchemy as sa
from alembic import op

revision = "shared0008"
down_revision = "shared0007"
branch_labels = None
depends_on = None

OF_MEMBERS = ("member_link", "member_session", "member_passkey", "member_identity")


def upgrade() -> None:
    for table in ("member", "api_key", "webhook", "audit"):
        op.add_column(table, sa.Column("organisation", sa.String(), nullable=True))
    op.create_index("ix_audit_organisation", "audit", ["organisation"])
    op.create_index("ix_webhook_organisation", "webhook", ["organisation"])
    op.create_index("ix_api_key_organisation", "api_key", ["organisation"])
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("member_email_key", "member")
    else:
        _rebuild_members()
    op.create_index("ix_member_organisation_email", "member", ["organisation", "email"], unique=True)
    alone = sa.text("organisation IS NULL")
    op.create_index(
        "ix_member_email_alone",
        "member",
        ["email"],
        unique=True,
        sqlite_where=alone,
        postgresql_where=alone,
    )


def _rebuild_members() -> None:
    """SQLite drops no constraint, and no table that others point to: their rows step aside meanwhile."""
    for table in OF_MEMBERS:
        op.execute(f"create temporary table kept_{table} as select * from {table}")  # noqa: S608 - names from above
        op.execute(f"delete from {table}")  # noqa: S608 - names from above
    op.create_table(
        "member_anew",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation", sa.String(), nullable=True),
    )
    op.execute("insert into member_anew select * from member")
    op.drop_table("member")
    op.rename_table("member_anew", "member")
    for table in OF_MEMBERS:
        op.execute(f"insert into {table} select * from kept_{table}")  # noqa: S608 - names from above
        op.execute(f"drop table kept_{table}")
