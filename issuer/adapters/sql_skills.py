"""ESCO's skills in SQL: found by an index of the words of their names, alike on SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Executable, Index, bindparam, delete, insert, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, and_, case, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from issuer.adapters.sql_tables import COMPARED, IssuerTable
from issuer.domain.skill import FoundSkill, SkillFile, SkillRow, key_of, words_of
from shared.adapters.sql import Database, UtcDateTime

MANY: Final = 4000
"""Labels up to which looking each up is cheaper than reading all."""
LAST: Final = "\U0010ffff"
"""Sorts after every character of a word."""
type _Labels = Select[str, str]


class SkillTableRow(IssuerTable, table=True):
    """A skill; `version` is the newest that has it, `withdrawn_in` the one that has it no more."""

    __tablename__ = "skill"
    __table_args__ = (Index("ix_skill_withdrawn_in", "withdrawn_in"),)

    uri: str = Field(primary_key=True, sa_type=COMPARED)
    kind: str
    version: str
    withdrawn_in: str | None = None


class SkillLabelRow(IssuerTable, table=True):
    """Its names in a language. `name_key` and `words` are folded; each of `words` has a blank before it."""

    __tablename__ = "skill_label"
    __table_args__ = (Index("ix_skill_label_language_name_key", "language", "name_key", "uri"),)

    uri: str = Field(primary_key=True, sa_type=COMPARED)
    language: str = Field(primary_key=True)
    name: str
    name_key: str = Field(sa_type=COMPARED)
    words: str
    description: str


class SkillWordRow(IssuerTable, table=True):
    """One of the `words` of a label, for finding it: the beginning of a word is a range of this table's key."""

    __tablename__ = "skill_word"
    __table_args__ = ({"sqlite_with_rowid": False},)

    language: str = Field(primary_key=True)
    word: str = Field(primary_key=True, sa_type=COMPARED)
    uri: str = Field(primary_key=True, sa_type=COMPARED)


class SkillFileRow(IssuerTable, table=True):
    """The last file read of a language."""

    __tablename__ = "skill_file"

    language: str = Field(primary_key=True)
    version: str
    skills: int
    read_at: datetime = Field(sa_type=UtcDateTime)


_SHORTEST_FIRST: Final = (
    func.length(SkillLabelRow.name_key),
    col(SkillLabelRow.name_key),
    col(SkillLabelRow.uri),
)


class SqlSkills:
    """Skills over one database; every call is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def files(self) -> Sequence[SkillFile]:
        """Return what is here, by language."""
        async with self._db.reading() as session:
            rows = (await session.exec(select(SkillFileRow).order_by(col(SkillFileRow.language)))).all()
        return [SkillFile(row.language, row.version, row.skills) for row in rows]

    async def put(self, language: str, version: str, rows: Sequence[SkillRow]) -> None:
        """Store these skills, in place of what earlier versions said of them in this language."""
        skills = [
            {
                "uri": r.uri,
                "kind": r.kind,
                "version": version,
                "withdrawn_in": version if r.obsolete else None,
            }
            for r in rows
        ]
        labels = [
            {
                "uri": r.uri,
                "language": language,
                "name": r.label.name,
                "name_key": key_of(r.label.name),
                "words": "".join(f" {word}" for word in words_of(" ".join((r.label.name, *r.label.also)))),
                "description": r.label.description,
            }
            for r in rows
        ]
        async with self._db.session() as session:
            await _index(session, language, {each["uri"]: each["words"] for each in labels})
            await _replace(session, SkillTableRow, skills, key=("uri",))
            await _replace(session, SkillLabelRow, labels, key=("uri", "language"))

    async def read(self, file: SkillFile, now: datetime, *, whole: bool) -> int:
        """Note that a file was read; where it was `whole`, what it lacks is withdrawn. Returns how many were."""
        async with self._db.session() as session:
            await session.merge(
                SkillFileRow(language=file.language, version=file.version, skills=file.skills, read_at=now)
            )
            if not whole:
                return 0
            gone = and_(col(SkillTableRow.version) != file.version, col(SkillTableRow.withdrawn_in).is_(None))
            connection = await session.connection()
            done = await connection.execute(
                update(SkillTableRow).where(gone).values(withdrawn_in=file.version)
            )
            return done.rowcount

    async def names(self, uris: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Return names by skill and language, of those known; also of skills that were withdrawn."""
        if not uris:
            return {}
        async with self._db.reading() as session:
            return await _names(session, uris)

    async def search(self, words: Sequence[str], language: str | None, limit: int) -> Sequence[FoundSkill]:
        """Return skills in use of which every one of these folded words begins a word, the likeliest first."""
        if not words:
            return []
        async with self._db.reading() as session:
            spoken = [language] if language else (await session.exec(select(SkillFileRow.language))).all()
            many = limit * len(spoken)  # however often a skill is found, so many labels are enough
            best = _first(await session.exec(_begin_so(words, spoken).limit(many)), limit)
            if len(best) < limit:
                best = _first(
                    await session.exec((await _all_hits(session, words, spoken)).limit(many)), limit
                )
            return await _shown(session, best)


def _begin_so(words: Sequence[str], spoken: Sequence[str]) -> _Labels:
    """The labels whose name begins with these words: nothing is likelier, and an index has them in one piece."""
    return _in_use(spoken).where(_begins(SkillLabelRow.name_key, " ".join(words))).order_by(*_SHORTEST_FIRST)


async def _all_hits(session: AsyncSession, words: Sequence[str], spoken: Sequence[str]) -> _Labels:
    """The labels with all of these words: looked up by the rarest, or scanned where even that is in very many."""
    found = [
        select(SkillWordRow.uri, SkillWordRow.language).where(
            col(SkillWordRow.language).in_(spoken), _begins(SkillWordRow.word, word)
        )
        for word in words
    ]
    counted = [
        select(func.count()).select_from(each.limit(MANY + 1).subquery()).scalar_subquery() for each in found
    ]
    counts = tuple((await (await session.connection()).execute(select(*counted))).one())
    rarest = min(range(len(words)), key=counts.__getitem__)
    rank = case(
        (col(SkillLabelRow.name_key) == " ".join(words), 0),
        (col(SkillLabelRow.name_key).startswith(" ".join(words), autoescape=True), 1),
        (and_(*(_has(" " + col(SkillLabelRow.name_key), word) for word in words)), 2),
        else_=3,
    )
    query = _in_use(spoken).where(*(_has(col(SkillLabelRow.words), word) for word in words))
    if counts[rarest] <= MANY:
        query = query.where(tuple_(col(SkillLabelRow.uri), col(SkillLabelRow.language)).in_(found[rarest]))
    return query.order_by(rank, *_SHORTEST_FIRST)


def _in_use(spoken: Sequence[str]) -> _Labels:
    withdrawn = select(SkillTableRow.uri).where(col(SkillTableRow.withdrawn_in).is_not(None))
    return select(SkillLabelRow.uri, SkillLabelRow.language).where(
        col(SkillLabelRow.language).in_(spoken), col(SkillLabelRow.uri).not_in(withdrawn)
    )


def _first(labels: Iterable[tuple[str, str]], limit: int) -> dict[str, str]:
    """The languages in which the first skills were found, by skill."""
    best: dict[str, str] = {}
    for uri, language in labels:
        if len(best) < limit:
            best.setdefault(uri, language)
    return best


async def _shown(session: AsyncSession, best: Mapping[str, str]) -> list[FoundSkill]:
    """These skills with what is shown of them, in this order."""
    if not best:
        return []
    kinds = select(SkillTableRow.uri, SkillTableRow.kind).where(col(SkillTableRow.uri).in_(list(best)))
    kind = dict((await session.exec(kinds)).all())
    texts = select(SkillLabelRow.uri, SkillLabelRow.language, SkillLabelRow.description).where(
        col(SkillLabelRow.uri).in_(list(best)), col(SkillLabelRow.language).in_(set(best.values()))
    )
    text = {(uri, language): said for uri, language, said in (await session.exec(texts)).all()}
    names = await _names(session, best)
    return [
        FoundSkill(uri, kind[uri], names[uri], language, text[uri, language])
        for uri, language in best.items()
    ]


def _begins(column: Any, start: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own expressions
    """A range, which both databases look up in an index of code points; a LIKE they do not, each for its own reasons."""
    return and_(col(column) >= start, col(column) < start + LAST)


def _has(column: Any, word: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own expressions
    return column.contains(f" {word}", autoescape=True)


async def _names(session: AsyncSession, uris: Collection[str]) -> dict[str, dict[str, str]]:
    query = select(SkillLabelRow.uri, SkillLabelRow.language, SkillLabelRow.name).where(
        col(SkillLabelRow.uri).in_(list(uris))
    )
    found: dict[str, dict[str, str]] = {}
    for uri, language, name in sorted((await session.exec(query)).all()):
        found.setdefault(uri, {})[language] = name
    return found


async def _index(session: AsyncSession, language: str, words: Mapping[str, str]) -> None:
    """Bring the index of these labels from the words they have to these ones: called before they are stored."""
    known = select(SkillLabelRow.uri, SkillLabelRow.words).where(
        col(SkillLabelRow.language) == language, col(SkillLabelRow.uri).in_(list(words))
    )
    before = {(uri, word) for uri, said in (await session.exec(known)).all() for word in said.split()}
    after = {(uri, word) for uri, said in words.items() for word in said.split()}
    await _change(
        session,
        delete(SkillWordRow).where(
            col(SkillWordRow.language) == bindparam("in_language"),
            col(SkillWordRow.word) == bindparam("said"),
            col(SkillWordRow.uri) == bindparam("of"),
        ),
        [{"in_language": language, "said": word, "of": uri} for uri, word in before - after],
    )
    await _change(
        session,
        insert(SkillWordRow),
        [{"language": language, "word": word, "uri": uri} for uri, word in sorted(after - before)],
    )


async def _change(session: AsyncSession, statement: Executable, rows: Sequence[Mapping[str, str]]) -> None:
    if rows:
        await (await session.connection()).execute(statement, [dict(row) for row in rows])


async def _replace(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, key: tuple[str, ...]
) -> None:
    """Insert rows, or put them in place of those with their key."""
    if not rows:
        return
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = upsert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection = await session.connection()
    await connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changed), [dict(row) for row in rows]
    )
