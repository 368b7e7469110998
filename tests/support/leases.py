"""Time that tests do not wait for: the lease of a message that a dead issuer had in hand."""

from datetime import timedelta

from sqlmodel import col, update

from issuer.adapters.sql_tables import MessageRow
from shared.adapters.clock import utc_now
from shared.adapters.sql import Database

_LONGER_THAN_A_PAUSE = timedelta(minutes=2)
"""What is tried again a minute later is not in anybody's hand."""


async def end_leases(database: str) -> None:
    """Have what was in hand when the issuer died sent again at once, not five minutes later. It must not run meanwhile."""
    now = utc_now()
    in_hand = (col(MessageRow.state) == "queued", col(MessageRow.next_at) > now + _LONGER_THAN_A_PAUSE)
    async with Database(database) as db, db.session() as session:
        await session.exec(update(MessageRow).where(*in_hand).values(next_at=now))
