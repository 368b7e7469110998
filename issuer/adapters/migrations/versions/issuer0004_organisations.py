"""Several organisations: each thing says whose it is; what there was belongs to the one organisation there was.

The new columns default to '', which is nobody's: a row that does not say whose it is, nobody sees.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "issuer0004"
down_revision = "issuer0003"
branch_labels = None
depends_on = "shared0008"

ADMIN, OPERATE = "admin", "organisations:write"


def upgrade() -> None:
    op.add_column("organisation", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    first = op.get_bind().execute(sa.text("select min(slug) from organisation")).scalar_one()
    for table in ("template", "batch", "award", "revocation"):
        op.add_column(table, sa.Column("organisation", sa.String(), nullable=False, server_default=""))
        _give(table, first)
    op.create_index("ix_template_organisation_id", "template", ["organisation", "id"])
    op.create_index("ix_batch_organisation_id", "batch", ["organisation", "id"])
    op.create_index("ix_award_organisation_id", "award", ["organisation", "id"])

    op.create_table(
        "definition_anew",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("profile_version", sa.String(), nullable=False),
        sa.Column("status_policy", sa.String(), nullable=False),
        sa.Column("schema_id", sa.String(), nullable=True),
        sa.Column("credential_definition_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "profile_version", "status_policy"),
    )
    op.execute(
        sa.text(
            "insert into definition_anew select :first, profile_version, status_policy, schema_id, "
            "credential_definition_id from definition"
        ).bindparams(first=first or "")
    )
    op.drop_table("definition")
    op.rename_table("definition_anew", "definition")

    for table in ("member", "api_key", "webhook", "audit"):
        _give(table, first)
    _let_keys_go_on_operating()


def _give(table: str, organisation: str | None) -> None:
    given = sa.text(f"update {table} set organisation = :slug")  # noqa: S608 - names from above
    if organisation is not None:
        op.execute(given.bindparams(slug=organisation))


def _let_keys_go_on_operating() -> None:
    """Whoever was admin could do what is now the operator's, such as look at work that was set aside."""
    keys = sa.table("api_key", sa.column("id", sa.String()), sa.column("scopes", sa.JSON()))
    for key_id, scopes in op.get_bind().execute(sa.select(keys.c.id, keys.c.scopes)).all():
        held = json.loads(scopes) if isinstance(scopes, str) else scopes
        if isinstance(held, list) and ADMIN in held:
            op.execute(keys.update().where(keys.c.id == key_id).values(scopes=sorted({*held, OPERATE})))
