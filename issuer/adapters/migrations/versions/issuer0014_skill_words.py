"""The words of skills' names as an index, so that a search reads what it finds and not every name there is."""

import sqlalchemy as sa
from alembic import op

revision = "issuer0014"
down_revision = "issuer0013"
branch_labels = None
depends_on = None

AT_ONCE = 500
COMPARED = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    words = op.create_table(
        "skill_word",
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("word", COMPARED, nullable=False),
        sa.Column("uri", COMPARED, nullable=False),
        sa.PrimaryKeyConstraint("language", "word", "uri"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite compares code points already
        for table, column in (("skill", "uri"), ("skill_label", "uri"), ("skill_label", "name_key")):
            op.alter_column(table, column, type_=sa.String(collation="C"), existing_nullable=False)
    op.drop_index("ix_skill_label_language", "skill_label")
    op.create_index("ix_skill_label_language_name_key", "skill_label", ["language", "name_key", "uri"])
    op.create_index("ix_skill_withdrawn_in", "skill", ["withdrawn_in"])
    _index_what_is_here(words)


def _index_what_is_here(words: sa.Table) -> None:
    label = sa.table("skill_label", sa.column("uri"), sa.column("language"), sa.column("words"))
    place = sa.tuple_(label.c.uri, label.c.language)
    after = ("", "")
    while True:
        query = sa.select(label).where(place > sa.tuple_(*map(sa.literal, after)))
        rows = op.get_bind().execute(query.order_by(label.c.uri, label.c.language).limit(AT_ONCE)).all()
        if not rows:
            return
        op.bulk_insert(
            words,
            [
                {"language": language, "word": word, "uri": uri}
                for uri, language, said in rows
                for word in dict.fromkeys(said.split())
            ],
        )
        after = (rows[-1].uri, rows[-1].language)
