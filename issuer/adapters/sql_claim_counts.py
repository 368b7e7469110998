"""How many claims are under way, in SQL: for everybody together, of whatever organisation."""

from datetime import datetime
from typing import Final

from sqlmodel import and_, col, func, or_, select

from issuer.adapters.sql_tables import AwardRow
from shared.adapters.sql import Database

_SERVED: Final = ("offered", "accepted", "issued")


class SqlClaimCounts:
    """The port CountClaims."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def moving(self, *, since: datetime, before: datetime) -> int:
        """Count who was invited, or accepted and has no credential, in this time."""
        asked_for = and_(col(AwardRow.state) == "accepted", col(AwardRow.cred_rev_id).is_(None))
        query = select(func.count()).where(
            or_(col(AwardRow.state) == "invited", asked_for),
            col(AwardRow.updated_at) >= since,
            col(AwardRow.updated_at) < before,
        )
        async with self._db.reading() as session:
            return (await session.exec(query)).one()

    async def served(self, *, since: datetime) -> int:
        """Count who has an offer or a credential since then."""
        query = select(func.count()).where(
            col(AwardRow.state).in_(_SERVED), col(AwardRow.updated_at) >= since
        )
        async with self._db.reading() as session:
            return (await session.exec(query)).one()
