"""What is under way at the issuer, asked of indexes: it takes no longer the more was ever awarded."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import col, select

from issuer.adapters.sql_tables import AwardRow, MessageRow
from issuer.domain.message import Channel
from shared.adapters.clock import utc_now
from shared.adapters.sql import Database, count_of
from shared.ports.clock import Clock
from shared.ports.metrics import AWARDS, MAIL_OLDEST, MAIL_WAITING, Reading

IN_HAND: Final = ("invited", "offered", "accepted", "broken")
SENT_BY: Final = (Channel.EMAIL, Channel.SMS)
QUEUED: Final = "queued"


class SqlMeasures:
    """Ports Measure over the issuer's database."""

    def __init__(self, db: Database, *, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    async def awards(self) -> Sequence[Reading]:
        """Awards whose claim is under way. Raises DatabaseUnavailable."""
        async with self._db.reading() as session:
            return [
                Reading(
                    AWARDS, await count_of(session, AwardRow, col(AwardRow.state) == state), {"state": state}
                )
                for state in IN_HAND
            ]

    async def mail(self) -> Sequence[Reading]:
        """Messages to graduates not sent yet. Raises DatabaseUnavailable."""
        found: list[Reading] = []
        async with self._db.reading() as session:
            for channel in SENT_BY:
                waits = (col(MessageRow.state) == QUEUED) & (col(MessageRow.channel) == channel.value)
                next_in_line = (
                    select(MessageRow.queued_at).where(waits).order_by(col(MessageRow.next_at)).limit(1)
                )
                since = (await session.exec(next_in_line)).first()
                waited = (self._clock() - since).total_seconds() if since else 0.0
                label = {"channel": channel.value}
                found += [
                    Reading(MAIL_WAITING, await count_of(session, MessageRow, waits), label),
                    Reading(MAIL_OLDEST, max(0.0, waited), label),
                ]
        return found
