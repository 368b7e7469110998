"""Monthly figures in SQL: counted from the awards' history, and kept as bare numbers when awards are deleted."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, case, distinct
from sqlmodel import Field, and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.adapters.sql_tables import AwardEventRow, AwardRow, IssuerTable, TemplateRow
from issuer.domain.figures import Figure, Month, Place, Tally, months_between
from issuer.domain.history import What
from shared.adapters.sql import Database, insert_once

_NO_DAYS: Final = -1
_COUNTED: Final[Mapping[str, Figure]] = {
    What.PREPARED.value: Figure.PREPARED,
    What.DELIVERED.value: Figure.DELIVERED,
    What.OPENED.value: Figure.OPENED,
    What.INVITED.value: Figure.OPENED,
    What.ISSUED.value: Figure.ISSUED,
    What.DECLINED.value: Figure.DECLINED,
    What.LINK_EXPIRED.value: Figure.EXPIRED,
    What.REVOKED.value: Figure.REVOKED,
    What.SUPERSEDED.value: Figure.CORRECTED,
    What.REISSUED.value: Figure.REISSUED,
}
_AT_ONCE: Final = 500


class FigureRow(IssuerTable, table=True):
    """How many awards that are deleted did this in a month; for claims by the days they took, else `days` is -1."""

    __tablename__ = "figure"

    organisation: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    programme: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    days: int = Field(primary_key=True)
    count: int


class SqlFigures:
    """The port CountFigures."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tally(self, organisation: str, months: Sequence[Month]) -> Tally:
        """Count the awards that are there, and add what is kept of those that are gone."""
        async with self._db.reading() as session:
            own = col(AwardEventRow.organisation) == organisation
            counts, days = await _count(session, months, own)
            rows = await session.exec(
                select(FigureRow).where(
                    col(FigureRow.organisation) == organisation,
                    col(FigureRow.month).in_([str(month) for month in months]),
                )
            )
            for row in rows:
                month = Month.read(row.month)
                counts[Place(month, row.programme, Figure(row.what))] += row.count
                if row.days != _NO_DAYS:
                    days[month, row.programme][row.days] += row.count
        return Tally(counts, days)

    async def programmes(self, organisation: str) -> Mapping[str, Mapping[str, str]]:
        """Return the titles of programmes, of the newest edition, by the id of the first."""
        query = (
            select(TemplateRow.programme_id, TemplateRow.description)
            .where(col(TemplateRow.organisation) == organisation)
            .order_by(col(TemplateRow.id))
        )
        async with self._db.reading() as session:
            found = list(await session.exec(query))
        return {programme: description["titles"] for programme, description in found}


async def keep_figures(session: AsyncSession, award_ids: Sequence[str]) -> None:
    """Keep the numbers of awards that are about to be deleted, in the same transaction."""
    for start in range(0, len(award_ids), _AT_ONCE):
        these = col(AwardEventRow.award_id).in_(award_ids[start : start + _AT_ONCE])
        bounds = select(
            AwardEventRow.organisation, func.min(AwardEventRow.at), func.max(AwardEventRow.at)
        ).where(these)
        for organisation, first, last in list(
            await session.exec(bounds.group_by(col(AwardEventRow.organisation)))
        ):
            months = months_between(Month.of(first), Month.of(last))
            own = and_(these, col(AwardEventRow.organisation) == organisation)
            counts, days = await _count(session, months, own)
            for place, number in counts.items():
                known = days[place.month, place.programme] if place.what is Figure.ISSUED else Counter()
                for took, claims in known.items():
                    await _add(session, organisation, place, took, claims)
                if rest := number - known.total():
                    await _add(session, organisation, place, _NO_DAYS, rest)


async def _add(session: AsyncSession, organisation: str, place: Place, days: int, number: int) -> None:
    key = {
        "organisation": organisation,
        "month": str(place.month),
        "programme": place.programme,
        "what": place.what.value,
        "days": days,
    }
    if not await insert_once(session, FigureRow, {**key, "count": number}):
        await session.exec(
            update(FigureRow)
            .where(*(getattr(FigureRow, name) == value for name, value in key.items()))
            .values(count=col(FigureRow.count) + number)
            .execution_options(synchronize_session=False)
        )


async def _count(
    session: AsyncSession, months: Sequence[Month], which: ColumnElement[bool]
) -> tuple[Counter[Place], defaultdict[tuple[Month, str], Counter[int]]]:
    counts: Counter[Place] = Counter()
    days: defaultdict[tuple[Month, str], Counter[int]] = defaultdict(Counter)
    if not months:
        return counts, days
    by_name = {str(month): month for month in months}
    month = case(*((col(AwardEventRow.at) < each.later(1).begins(), str(each)) for each in months), else_="")
    within = and_(
        which,
        col(AwardEventRow.at) >= months[0].begins(),
        col(AwardEventRow.at) < months[-1].later(1).begins(),
    )
    what = case(
        *((col(AwardEventRow.what) == name, figure.value) for name, figure in _COUNTED.items()), else_=""
    )
    programme = col(TemplateRow.programme_id)
    told = (
        select(
            programme.label("programme"),
            month.label("month"),
            what.label("what"),
            col(AwardRow.id).label("award_id"),
        )
        .join_from(AwardEventRow, AwardRow, col(AwardRow.id) == col(AwardEventRow.award_id))
        .join(TemplateRow, col(TemplateRow.id) == col(AwardRow.template_id))
        .where(within, _counts_anew(), col(AwardEventRow.what).in_(list(_COUNTED)))
        .subquery()
    )
    place = (told.c.programme, told.c.month, told.c.what)
    counted = select(*place, func.count(distinct(told.c.award_id))).group_by(*place)
    for found, named, figure, number in await session.exec(counted):
        counts[Place(by_name[named], found, Figure(figure))] += number
    began = (
        select(
            col(AwardEventRow.award_id).label("award_id"),
            func.min(AwardEventRow.at)
            .filter(col(AwardEventRow.what) == What.DELIVERED.value)
            .label("delivered"),
            func.min(AwardEventRow.at)
            .filter(col(AwardEventRow.what) == What.PREPARED.value)
            .label("prepared"),
        )
        .where(which)
        .group_by(col(AwardEventRow.award_id))
        .subquery()
    )
    claimed = (
        select(programme, col(AwardEventRow.at), began.c.delivered, began.c.prepared)
        .join_from(AwardEventRow, AwardRow, col(AwardRow.id) == col(AwardEventRow.award_id))
        .join(TemplateRow, col(TemplateRow.id) == col(AwardRow.template_id))
        .join(began, began.c.award_id == col(AwardRow.id))
        .where(within, _counts_anew(), col(AwardEventRow.what) == What.ISSUED.value)
    )
    for found, at, delivered, prepared in await session.exec(claimed):
        since = delivered or prepared
        if since is not None:
            days[Month.of(at), found][max((at - since).days, 0)] += 1
    return counts, days


def _counts_anew() -> ColumnElement[bool]:
    """Not an award in place of another that was prepared, or claimed, already."""
    before = select(AwardEventRow.award_id).where(
        col(AwardEventRow.award_id) == col(AwardRow.replaces),
        col(AwardEventRow.what) == What.ISSUED.value,
    )
    return and_(
        (col(AwardEventRow.what) != What.PREPARED.value) | col(AwardRow.replaces).is_(None),
        (col(AwardEventRow.what) != What.ISSUED.value) | ~before.correlate(AwardRow).exists(),
    )
