"""What of awards and batches is past its time, in SQL: whole tables are gone over, no award is read one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import and_, col, delete, or_, select, update

from issuer.adapters.sql_figures import keep_figures
from issuer.adapters.sql_tables import (
    AwardRow,
    BatchRow,
    BatchRowRow,
    ClaimLinkRow,
    MessageRow,
    QuestionRow,
    RevocationRow,
)
from shared.adapters.retention import rows_of
from shared.adapters.sql import Database

_SENT: Final = and_(col(AwardRow.state) == "accepted", col(AwardRow.cred_rev_id).is_not(None))
_ENDED: Final = col(AwardRow.state).in_(("revoked", "superseded"))
_CLAIMED: Final = or_(col(AwardRow.state) == "issued", _SENT)
_NOT_CLAIMED: Final = or_(
    col(AwardRow.state).in_(("prepared", "invited", "offered", "declined", "broken")),
    and_(col(AwardRow.state) == "accepted", col(AwardRow.cred_rev_id).is_(None)),
)
NAMELESS: Final[Mapping[str, Any]] = {
    "given_name": "",
    "family_name": "",
    "name_key": "",
    "family_key": "",
    "email": "",
    "phone": "",
    "grade": "",
    "grade_pct": None,
    "identity_salt": "",
    "reissue": None,
}


def _reached(before: datetime) -> ColumnElement[bool]:
    """Claimed, ended, or not claimed while its link held, whose last day was before then."""
    over = select(ClaimLinkRow.award_id).where(col(ClaimLinkRow.until) < before.date())
    return or_(_CLAIMED, _ENDED, and_(_NOT_CLAIMED, col(AwardRow.id).in_(over)))


class SqlPastAwards:
    """The port PastAwards. Every change counts as one of the award, so that nobody who read it before undoes it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def unclaimed(self, *, before: datetime, limit: int) -> Sequence[tuple[str, UUID]]:
        """Awards nobody has, whose last move was before then."""
        past = select(AwardRow.organisation, AwardRow.id, AwardRow.leftovers).where(
            _NOT_CLAIMED, col(AwardRow.updated_at) < before
        )
        async with self._db.reading() as session:
            found = await session.exec(past.order_by(col(AwardRow.id)))
            return [(slug, UUID(award_id)) for slug, award_id, leftovers in found if not leftovers][:limit]

    async def forget_contacts(self, *, before: datetime, now: datetime) -> int:
        """Blank e-mail address and telephone of awards nobody is written to any more, and note when."""
        reachable = or_(col(AwardRow.email) != "", col(AwardRow.phone) != "")
        gone = {"email": "", "phone": "", "contact_deleted_at": now}
        return await self._blank(before, gone, _reached(before), reachable)

    async def forget_messages(self, *, before: datetime) -> int:
        """Delete messages to awards nobody is written to any more."""
        past = select(AwardRow.id).where(col(AwardRow.updated_at) < before, _reached(before))
        async with self._db.session() as session:
            return rows_of(await session.exec(delete(MessageRow).where(col(MessageRow.award_id).in_(past))))

    async def forget_names(self, *, before: datetime, ended_because: str | None) -> int:
        """Blank all that tells of the graduate: of claimed awards, or of those that ended for this reason.

        What was asked and answered about them before then goes too: it may hold the name.
        """
        which = (
            _CLAIMED if ended_because is None else and_(_ENDED, col(AwardRow.ended_because) == ended_because)
        )
        blanked = await self._blank(before, NAMELESS, which, col(AwardRow.given_name) != "")
        nameless = select(AwardRow.id).where(col(AwardRow.given_name) == "")
        async with self._db.session() as session:
            await session.exec(
                delete(QuestionRow).where(
                    col(QuestionRow.moved_at) < before, col(QuestionRow.award_id).in_(nameless)
                )
            )
        return blanked

    async def drop_ended(self, *, before: datetime) -> int:
        """Delete awards that ended, with their published revocations, and batches none is left of; figures are kept."""
        past = select(AwardRow.id).where(_ENDED, col(AwardRow.updated_at) < before)
        unpublished = select(RevocationRow.award_id).where(col(RevocationRow.published_at).is_(None))
        async with self._db.session() as session:
            ids = list(await session.exec(past.where(col(AwardRow.id).not_in(unpublished))))
            await keep_figures(session, ids)
            await session.exec(delete(RevocationRow).where(col(RevocationRow.award_id).in_(ids)))
            dropped = rows_of(await session.exec(delete(AwardRow).where(col(AwardRow.id).in_(ids))))
            await session.exec(
                delete(BatchRow).where(
                    col(BatchRow.created_at) < before, col(BatchRow.id).not_in(select(AwardRow.batch_id))
                )
            )
            return dropped

    async def forget_complaints(self, *, before: datetime) -> int:
        """Blank the cells that batches complain of."""
        some = cast(BatchRow.complaints, String) != "[]"
        async with self._db.session() as session:
            return rows_of(
                await session.exec(
                    update(BatchRow).where(col(BatchRow.created_at) < before, some).values(complaints=[])
                )
            )

    async def forget_rows(self, *, before: datetime) -> int:
        """Delete rows of spreadsheets."""
        past = select(BatchRow.id).where(col(BatchRow.created_at) < before)
        async with self._db.session() as session:
            return rows_of(await session.exec(delete(BatchRowRow).where(col(BatchRowRow.batch_id).in_(past))))

    async def _blank(self, before: datetime, values: Mapping[str, Any], *which: Any) -> int:  # noqa: ANN401 - SQL expressions
        async with self._db.session() as session:
            return rows_of(
                await session.exec(
                    update(AwardRow)
                    .where(col(AwardRow.updated_at) < before, *which)
                    .values(**values, version=col(AwardRow.version) + 1)
                )
            )
