"""ESCO's skills in SQL: searched by scanning one language's folded names, alike on SQLite and PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, and_, case, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import IssuerTable
from issuer.domain.skill import FoundSkill, SkillFile, SkillRow, key_of, words_of
from shared.adapters.sql import Database, UtcDateTime


class SkillTableRow(IssuerTable, table=True):
    """A skill; `version` is the newest that has it, `withdrawn_in` the one that has it no more."""

    __tablename__ = "skill"

    uri: str = Field(primary_key=True)
    kind: str
    version: str
    withdrawn_in: str | None = None


class SkillLabelRow(IssuerTable, table=True):
    """Its names in a language. `name_key` and `words` are folded; each of `words` has a blank before it."""

    __tablename__ = "skill_label"
    __table_args__ = (Index("ix_skill_label_language", "language"),)

    uri: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    name: str
    name_key: str
    words: str
    description: str


class SkillFileRow(IssuerTable, table=True):
    """The last file read of a language."""

    __tablename__ = "skill_file"

    language: str = Field(primary_key=True)
    version: str
    skills: int
    read_at: datetime = Field(sa_type=UtcDateTime)


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
        key = " ".join(words)
        named = [_has(" " + col(SkillLabelRow.name_key), word) for word in words]
        rank = case(
            (col(SkillLabelRow.name_key) == key, 0),
            (col(SkillLabelRow.name_key).startswith(key, autoescape=True), 1),
            (and_(*named), 2),
            else_=3,
        )
        async with self._db.reading() as session:
            binary = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"
            query = (
                select(SkillLabelRow, SkillTableRow)
                .join(SkillTableRow, col(SkillTableRow.uri) == col(SkillLabelRow.uri))
                .where(
                    col(SkillTableRow.withdrawn_in).is_(None),
                    *(_has(col(SkillLabelRow.words), word) for word in words),
                )
                .order_by(
                    rank,
                    func.length(SkillLabelRow.name_key),
                    col(SkillLabelRow.name_key).collate(binary),
                    col(SkillLabelRow.uri).collate(binary),
                )
            )
            if language is None:
                languages = (await session.exec(select(func.count()).select_from(SkillFileRow))).one()
                query = query.limit(limit * languages)  # however often a skill is found, so many are enough
            else:
                query = query.where(col(SkillLabelRow.language) == language).limit(limit)
            best: dict[str, tuple[SkillLabelRow, SkillTableRow]] = {}
            for label, skill in (await session.exec(query)).all():
                best.setdefault(skill.uri, (label, skill))
            chosen = list(best.values())[:limit]
            names = await _names(session, [skill.uri for _, skill in chosen])
        return [
            FoundSkill(skill.uri, skill.kind, names[skill.uri], label.language, label.description)
            for label, skill in chosen
        ]


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


async def _replace(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, key: tuple[str, ...]
) -> None:
    """Insert rows, or put them in place of those with their key."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection = await session.connection()
    await connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changed), [dict(row) for row in rows]
    )
