"""Proposals and who approves them, days of a DID, and what each list follows."""

import base64
import json

import sqlalchemy as sa
from alembic import op

revision = "registry0002"
down_revision = "registry0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # an authority that is here already went on with one person until it says otherwise
    op.add_column("scheme", sa.Column("four_eyes", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("entity_did", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("entity_did", sa.Column("until", sa.Date(), nullable=True))
    op.add_column("list_issue", sa.Column("previous", sa.String(), nullable=True))
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("edits", sa.JSON(), nullable=False),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
    )
    connection = op.get_bind()
    numbers = connection.execute(sa.text("select number from list_issue")).scalars().all()
    for number in numbers:
        compact = connection.execute(
            sa.text("select compact from list_issue where number = :number"), {"number": number}
        ).scalar_one()
        connection.execute(
            sa.text("update list_issue set previous = :previous where number = :number"),
            {"previous": _previous(compact), "number": number},
        )


def _previous(compact: str) -> str | None:
    """The digest of the list before, as the list says."""
    try:
        body = compact.split(".")[1]
        payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        extensions = payload["LoTE"]["ListAndSchemeInformation"].get("SchemeExtensions", [])
        return next((each["previousListDigest"] for each in extensions if "previousListDigest" in each), None)
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def downgrade() -> None:
    op.drop_table("proposal")
    op.drop_column("list_issue", "previous")
    op.drop_column("entity_did", "until")
    op.drop_column("entity_did", "since")
    op.drop_column("scheme", "four_eyes")
