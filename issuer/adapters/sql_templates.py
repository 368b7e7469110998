"""Programmes and their editions in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import TemplateRow
from issuer.domain.template import Approved, Draft, Published, Retired, StateName, Template
from shared.ports.audit import done_to
from shared.vc.achievement import AchievementTemplate, Grading, QualityAssurance


class SqlTemplates:
    """The part of a transaction that is about programmes."""

    _session: AsyncSession

    async def template(self, organisation: str, template_id: UUID, *, lock: bool = False) -> Template | None:
        """Return the template."""
        row = await self._session.get(TemplateRow, str(template_id), with_for_update=lock or None)
        return None if row is None or row.organisation != organisation else _template(row)

    async def templates(
        self, organisation: str, *, after: UUID | None, limit: int, state: StateName | None = None
    ) -> Sequence[Template]:
        """Return templates by id, which is by time."""
        own = col(TemplateRow.organisation) == organisation
        query = select(TemplateRow).where(own).order_by(col(TemplateRow.id)).limit(limit)
        if after is not None:
            query = query.where(col(TemplateRow.id) > str(after))
        if state is not None:
            query = query.where(_is(state))
        return [_template(row) for row in (await self._session.exec(query)).all()]

    async def newest_templates(
        self, organisation: str, *, before: UUID | None, limit: int, state: StateName | None
    ) -> Sequence[Template]:
        """Return templates by id, the newest first."""
        own = col(TemplateRow.organisation) == organisation
        query = select(TemplateRow).where(own).order_by(col(TemplateRow.id).desc()).limit(limit)
        if before is not None:
            query = query.where(col(TemplateRow.id) < str(before))
        if state is not None:
            query = query.where(_is(state))
        return [_template(row) for row in (await self._session.exec(query)).all()]

    async def editions(self, organisation: str, programme: UUID) -> Sequence[Template]:
        """Return a programme's templates by id."""
        own = col(TemplateRow.organisation) == organisation
        query = select(TemplateRow).where(own, col(TemplateRow.programme_id) == str(programme))
        rows = (await self._session.exec(query.order_by(col(TemplateRow.id)))).all()
        return [_template(row) for row in rows]

    async def delete_template(self, template: Template) -> None:
        """Delete its row."""
        await self._session.exec(delete(TemplateRow).where(col(TemplateRow.id) == str(template.id)))
        done_to(f"template:{template.id}")

    async def save_template(self, template: Template) -> None:
        """Store it."""
        published, state = template.published, template.state
        await self._session.merge(
            TemplateRow(
                id=str(template.id),
                organisation=template.organisation,
                description=asdict(template.description),
                edition_id=published.edition_id if published else None,
                edition=dict(published.content) if published else None,
                published_at=published.at if published else None,
                created_at=template.created_at,
                author=template.author,
                approved_by=state.by if isinstance(state, Approved) else None,
                approved_at=state.at if isinstance(state, Approved) else None,
                retired_at=state.at if isinstance(state, Retired) else None,
                replaces=str(template.replaces) if template.replaces else None,
                programme_id=str(template.programme),
            )
        )
        await self._session.flush()
        done_to(f"template:{template.id}")


def _is(state: StateName) -> ColumnElement[bool]:
    published = col(TemplateRow.edition_id).is_not(None)
    approved, retired = col(TemplateRow.approved_at).is_not(None), col(TemplateRow.retired_at).is_not(None)
    match state:
        case "draft":
            return and_(~published, ~approved)
        case "approved":
            return and_(~published, approved)
        case "published":
            return and_(published, ~retired)
        case "retired":
            return and_(published, retired)


def _template(row: TemplateRow) -> Template:
    return Template(
        UUID(row.id),
        row.organisation,
        _description(row.description),
        _state(row),
        row.created_at,
        author=row.author,
        replaces=UUID(row.replaces) if row.replaces else None,
        root=None if row.programme_id == row.id else UUID(row.programme_id),
    )


def _state(row: TemplateRow) -> Draft | Approved | Published | Retired:
    if row.edition_id is not None and row.edition is not None and row.published_at is not None:
        published = Published(row.edition_id, row.edition, row.published_at)
        return published if row.retired_at is None else Retired(published, row.retired_at)
    if row.approved_by is not None and row.approved_at is not None:
        return Approved(row.approved_by, row.approved_at)
    return Draft()


def _description(stored: Mapping[str, Any]) -> AchievementTemplate:
    lists = {name: tuple(stored[name]) for name in ("outcomes", "skills", "prerequisites")}
    quality, grading = stored["quality_assurance"], stored["grading"]
    parts = {
        "quality_assurance": QualityAssurance(**quality) if quality else None,
        "grading": Grading(**grading) if grading else None,
    }
    return AchievementTemplate(**{**stored, **lists, **parts})
