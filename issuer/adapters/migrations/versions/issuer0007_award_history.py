"""What happened to each award, how far that has brought it, and what awards are found by.

Of awards from before, what is known becomes their history: when they were made, how their links left, and how they stand.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "issuer0007"
down_revision = "issuer0006"
branch_labels = None
depends_on = None

AT_ONCE = 2000
COMPARED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "award_event",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_award_event_award_id_number", "award_event", ["award_id", "number"])
    op.add_column("award", sa.Column("stage", sa.String(), nullable=False, server_default="prepared"))
    op.add_column("award", sa.Column("name_key", COMPARED, nullable=False, server_default=""))
    op.add_column("award", sa.Column("family_key", COMPARED, nullable=False, server_default=""))

    _tell_what_is_known()
    _fold_names()

    op.create_index("ix_award_organisation_stage_id", "award", ["organisation", "stage", "id"])
    op.create_index("ix_award_organisation_template_id_id", "award", ["organisation", "template_id", "id"])
    op.create_index("ix_award_organisation_awarded_on", "award", ["organisation", "awarded_on"])
    op.create_index("ix_award_organisation_name_key", "award", ["organisation", "name_key"])
    op.create_index("ix_award_organisation_family_key", "award", ["organisation", "family_key"])
    op.create_index("ix_award_organisation_email", "award", ["organisation", "email"])
    op.create_index("ix_award_organisation_phone", "award", ["organisation", "phone"])
    op.create_index("ix_claim_link_until", "claim_link", ["until"])


def _tell_what_is_known() -> None:
    op.execute(
        sa.text(
            'insert into award_event (award_id, organisation, at, what, reason, "by") '
            "select id, organisation, created_at, 'prepared', '', null from award order by id"
        )
    )
    op.execute(
        sa.text(
            'insert into award_event (award_id, organisation, at, what, reason, "by") '
            "select award_id, organisation, min(ended_at), 'delivered', '', 'service' from message "
            "where kind = 'claim_link' and state = 'sent' group by award_id, organisation order by award_id"
        )
    )
    op.execute(
        sa.text(
            "update award set stage = 'delivered' where id in (select award_id from award_event where what = 'delivered')"
        )
    )
    op.execute(
        sa.text(
            'insert into award_event (award_id, organisation, at, what, reason, "by") '
            "select id, organisation, updated_at, state, '', null from award where state in "
            "('invited', 'offered', 'accepted', 'issued', 'declined', 'broken') order by id"
        )
    )
    op.execute(
        sa.text(
            'insert into award_event (award_id, organisation, at, what, reason, "by") '
            "select id, organisation, ended_at, case when state = 'superseded' and exists (select 1 from "
            "award as later where later.id = award.superseded_by and later.reissues > award.reissues) then 'reissued' "
            "else state end, coalesce(ended_because, ''), null from award where state in ('revoked', 'superseded') "
            "and ended_at is not null order by id"
        )
    )
    op.execute(
        sa.text(
            "update award set stage = case when state in ('invited', 'broken') then 'opened' else state end where "
            "state in ('invited', 'broken', 'offered', 'accepted', 'issued', 'declined', 'revoked', 'superseded')"
        )
    )
    op.execute(
        sa.text(
            "update award set stage = 'reissued' where id in (select award_id from award_event where what = 'reissued')"
        )
    )


def _fold_names() -> None:
    awards = sa.table(
        "award",
        *(
            sa.column(name, sa.String())
            for name in ("id", "given_name", "family_name", "name_key", "family_key")
        ),
    )
    connection = op.get_bind()
    fill = (
        awards.update()
        .where(awards.c.id == sa.bindparam("which"))
        .values(name_key=sa.bindparam("name"), family_key=sa.bindparam("family"))
    )
    after = ""
    while True:
        page = sa.select(awards.c.id, awards.c.given_name, awards.c.family_name)
        found = connection.execute(page.where(awards.c.id > after).order_by(awards.c.id).limit(AT_ONCE)).all()
        if not found:
            return
        rows = [(which, _folded(given), _folded(family)) for which, given, family in found]
        connection.execute(
            fill,
            [
                {"which": which, "name": f"{given} {family}".strip(), "family": f"{family} {given}".strip()}
                for which, given, family in rows
            ],
        )
        after = found[-1][0]


def _folded(name: str) -> str:
    """As names are folded when this is written; what folds them later must fold them the same way."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(each for each in bare if not unicodedata.combining(each))))
