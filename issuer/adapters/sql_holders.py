"""How many credentials of each edition stand, in SQL."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import col, func, select

from issuer.adapters.sql_tables import AwardRow
from shared.adapters.sql import Database


class SqlHolders:
    """The port CountHolders."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def holders(self, organisation: str) -> Mapping[tuple[str, date], int]:
        """Count what was claimed and stands, suspended ones included: that may end."""
        query = (
            select(col(AwardRow.edition_id), col(AwardRow.awarded_on), func.count())
            .where(col(AwardRow.organisation) == organisation, col(AwardRow.state) == "issued")
            .group_by(col(AwardRow.edition_id), col(AwardRow.awarded_on))
        )
        async with self._db.reading() as session:
            return {(edition, day): number for edition, day, number in await session.exec(query)}
