"""What happened to awards, and finding them, in SQL: the part of a transaction that concerns their history."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, insert
from sqlmodel import and_, col, func, or_, select, update

from issuer.adapters.sql_messages import SqlMessages
from issuer.adapters.sql_tables import AwardEventRow, AwardRow, ClaimLinkRow
from issuer.domain.award import Award, Revoked, Superseded
from issuer.domain.delivery import ClaimLink
from issuer.domain.finding import Wanted, digits_of, folded
from issuer.domain.history import (
    HERS,
    LEARNER,
    SERVICE,
    AwardStage,
    Event,
    What,
    moves,
    stage_of,
    stages_before,
)
from shared.adapters.retention import rows_of
from shared.ports.audit import CURRENT_DEED

_LAST: Final = "\U0010ffff"
"""Behind every other character: the end of what begins alike."""


class SqlHistory(SqlMessages):
    """Over the session of a transaction."""

    async def note(self, award: Award, what: What, *, at: datetime, reason: str = "") -> bool:
        """Add an event that is no change of state; False, and nothing is noted, if it leads no further."""
        if moves(what):
            moved = await self._session.exec(
                update(AwardRow)
                .where(col(AwardRow.id) == str(award.id), col(AwardRow.stage).in_(stages_before(what)))
                .values(stage=stage_of(what))
                .execution_options(synchronize_session=False)
            )
            if not rows_of(moved):
                return False
        await self._tell([_event(award, what, at=at, reason=reason)])
        return True

    async def events_of(self, organisation: str, award_id: UUID) -> Sequence[Event]:
        """Return what happened, in that order."""
        query = (
            select(AwardEventRow)
            .where(
                col(AwardEventRow.award_id) == str(award_id),
                col(AwardEventRow.organisation) == organisation,
            )
            .order_by(col(AwardEventRow.number))
        )
        rows = await self._session.exec(query)
        return [Event(row.at, What(row.what), row.reason, row.by) for row in rows]

    async def stages(self, award_ids: Sequence[UUID]) -> Mapping[UUID, AwardStage]:
        """Return how far these have come."""
        query = select(AwardRow.id, AwardRow.stage).where(
            col(AwardRow.id).in_([str(one) for one in award_ids])
        )
        return {UUID(award_id): AwardStage(stage) for award_id, stage in await self._session.exec(query)}

    async def find_awards(
        self, organisation: str, wanted: Wanted, *, after: UUID | None, limit: int, newest_first: bool
    ) -> Sequence[UUID]:
        """Return ids by time."""
        found = select(AwardRow.id).where(
            col(AwardRow.organisation) == organisation, *_conditions(organisation, wanted)
        )
        which = col(AwardRow.id)
        if after is not None:
            found = found.where(which < str(after) if newest_first else which > str(after))
        ordered = found.order_by(which.desc() if newest_first else which).limit(limit)
        return [UUID(award_id) for award_id in await self._session.exec(ordered)]

    async def expired_links(self, *, before: date, limit: int) -> Sequence[tuple[str, UUID]]:
        """Return awards, with their organisations, whose link's last day lies before."""
        query = (
            select(AwardRow.organisation, AwardRow.id)
            .join(ClaimLinkRow, col(ClaimLinkRow.award_id) == col(AwardRow.id))
            .where(
                col(ClaimLinkRow.until) < before,
                col(AwardRow.stage).in_(stages_before(What.LINK_EXPIRED)),
            )
            .limit(limit)
        )
        return [(slug, UUID(award_id)) for slug, award_id in await self._session.exec(query)]

    async def save_claim_link(self, link: ClaimLink) -> None:
        """Store it; where the link had ended, the award waits anew to be delivered."""
        await super().save_claim_link(link)
        await self._session.exec(
            update(AwardRow)
            .where(col(AwardRow.id) == str(link.award_id), col(AwardRow.stage) == AwardStage.LINK_EXPIRED)
            .values(stage=AwardStage.PREPARED)
            .execution_options(synchronize_session=False)
        )

    async def _began(self, awards: Sequence[Award]) -> None:
        """Tell that these were stored, in the state they are in."""
        await self._tell(
            [
                _event(
                    award,
                    _what(award),
                    at=award.created_at,
                    reason=award.reissue.told if award.reissue else "",
                )
                for award in awards
            ]
        )

    async def _moved(self, award: Award) -> None:
        """Tell of a change of state, before it is stored: nothing if the state keeps its name."""
        query = select(AwardRow.state).where(col(AwardRow.id) == str(award.id))
        if (await self._session.exec(query)).first() == award.state_name:
            return
        what = _what(award)
        if isinstance(award.state, Superseded) and await self._is_new_issue(award.state.by):
            what = What.REISSUED
        reason = award.state.reason if isinstance(award.state, Revoked | Superseded) else ""
        await self._session.exec(
            update(AwardRow)
            .where(col(AwardRow.id) == str(award.id), col(AwardRow.version) == award.version)
            .values(stage=stage_of(what))
            .execution_options(synchronize_session=False)
        )
        await self._tell([_event(award, what, at=award.updated_at, reason=reason)])

    async def _is_new_issue(self, award_id: UUID) -> bool:
        query = select(AwardRow.reissue).where(col(AwardRow.id) == str(award_id))
        return (await self._session.exec(query)).first() is not None

    async def _tell(self, events: Sequence[Mapping[str, Any]]) -> None:
        if events:
            connection = await self._session.connection()
            await connection.execute(insert(AwardEventRow), list(events))


def _what(award: Award) -> What:
    return What(award.state_name)


def _event(award: Award, what: What, *, at: datetime, reason: str = "") -> Mapping[str, Any]:
    return {
        "award_id": str(award.id),
        "organisation": award.organisation,
        "at": at,
        "what": what.value,
        "reason": reason,
        "by": _by(what),
    }


def _by(what: What) -> str:
    """Who does the present deed; where nobody does who is known, a learner or the service itself."""
    deed = CURRENT_DEED.get()
    if deed is not None and deed.who is not None:
        return deed.who
    return LEARNER if deed is not None or what in HERS else SERVICE


def _conditions(organisation: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.name and (name := folded(wanted.name)):
        conditions.append(
            or_(
                *(
                    and_(key >= name, key < name + _LAST)
                    for key in (col(AwardRow.name_key), col(AwardRow.family_key))
                )
            )
        )
    own = select(AwardRow.id).where(col(AwardRow.organisation) == organisation)
    if wanted.email:
        same = func.lower(col(AwardRow.email)) == wanted.email.strip().lower()
        conditions.append(col(AwardRow.id).in_(own.where(same)))
    if wanted.phone:
        ends = col(AwardRow.phone).endswith(digits_of(wanted.phone), autoescape=True)
        conditions.append(col(AwardRow.id).in_(own.where(ends, col(AwardRow.phone) != "")))
    if wanted.stage is not None:
        conditions.append(col(AwardRow.stage) == wanted.stage)
    if wanted.batch_id is not None:
        conditions.append(col(AwardRow.batch_id) == str(wanted.batch_id))
    if wanted.template_id is not None:
        conditions.append(col(AwardRow.template_id) == str(wanted.template_id))
    if wanted.since is not None:
        conditions.append(col(AwardRow.awarded_on) >= wanted.since)
    if wanted.until is not None:
        conditions.append(col(AwardRow.awarded_on) <= wanted.until)
    return conditions
