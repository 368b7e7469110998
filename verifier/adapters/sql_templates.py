"""Requirement templates in SQL, one row a version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, CursorResult
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, col, delete, select, update

from shared.adapters.sql import Database, UtcDateTime
from verifier.adapters.sql_requests import VerifierTable
from verifier.domain.template import TEMPLATE_STATES, Draft, Ref, Template, template_state

_BY_NAME: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for kind, name in TEMPLATE_STATES.items()}


class TemplateRow(VerifierTable, table=True):
    """One version; `body` is its state."""

    __tablename__ = "requirement_template"

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    state: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    body: dict[str, Any] = Field(sa_type=JSON)


class SqlTemplates:
    """Implements KeepTemplates."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, draft: Draft) -> bool:
        """Store a new version; False if there is one with this id and version."""
        try:
            async with self._db.session() as session:
                session.add(
                    TemplateRow(
                        id=draft.ref.id,
                        version=draft.ref.version,
                        created_at=draft.created_at,
                        **_columns(draft),
                    )
                )
        except IntegrityError:
            return False
        return True

    async def find(self, ref: Ref) -> Template | None:
        """One version."""
        async with self._db.reading() as session:
            row = await session.get(TemplateRow, (ref.id, ref.version))
            return None if row is None else _template(row)

    async def newest(self, template_id: str) -> Template | None:
        """The highest version of this id, in whatever state."""
        query = select(TemplateRow).where(col(TemplateRow.id) == template_id)
        async with self._db.reading() as session:
            row = (await session.exec(query.order_by(col(TemplateRow.version).desc()).limit(1))).first()
            return None if row is None else _template(row)

    async def page(self, after: Ref | None, limit: int) -> Sequence[Template]:
        """Up to `limit` versions by id, of each the newest first, those behind `after`."""
        query = select(TemplateRow).order_by(col(TemplateRow.id), col(TemplateRow.version).desc())
        if after is not None:
            later = (col(TemplateRow.id) == after.id) & (col(TemplateRow.version) < after.version)
            query = query.where((col(TemplateRow.id) > after.id) | later)
        async with self._db.reading() as session:
            return [_template(row) for row in await session.exec(query.limit(limit))]

    async def save(self, template: Template, *, expected: type[Template]) -> bool:
        """Replace the stored version, if it is still in the expected state."""
        async with self._db.session() as session:
            changed = await session.exec(
                update(TemplateRow).where(_is(template.ref, expected)).values(**_columns(template))
            )
            return _one(changed)

    async def remove(self, ref: Ref) -> bool:
        """Delete a version, if it is a draft."""
        async with self._db.session() as session:
            return _one(await session.exec(delete(TemplateRow).where(_is(ref, Draft))))


def _is(ref: Ref, state: type[Template]) -> Any:  # noqa: ANN401 - an SQL expression
    return (
        (col(TemplateRow.id) == ref.id)
        & (col(TemplateRow.version) == ref.version)
        & (col(TemplateRow.state) == TEMPLATE_STATES[state])
    )


def _columns(template: Template) -> dict[str, Any]:
    state = template_state(template)
    return {"state": state, "body": _BY_NAME[state].dump_python(template, mode="json")}


def _template(row: TemplateRow) -> Template:
    found: Template = _BY_NAME[row.state].validate_python(row.body)
    return found


def _one(result: object) -> bool:
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE or DELETE gives
    return int(result.rowcount) == 1
