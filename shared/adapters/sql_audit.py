"""The audit log in SQL: every transaction of a deed writes who, what and which ids along with its changes."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import JSON, event
from sqlalchemy.orm import Session, UOWTransaction
from sqlmodel import Field, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.clock import new_id, utc_now
from shared.adapters.sql import Database, DatabaseUnavailable, SharedTable, UtcDateTime
from shared.adapters.sql_outbox import OutboxRow
from shared.ports.audit import CURRENT_DEED, AuditEntry, Deed
from shared.ports.clock import Clock

KEPT = timedelta(days=400)
TIDIED_EVERY = timedelta(hours=1)
MOST_OBJECTS = 20
"""Ids in one entry; a cohort of 500 awards is known by its batch."""
IDS = ("id", "did", "url")
"""Primary keys that name a thing; others may be digests of secrets."""


class AuditRow(SharedTable, table=True):
    """One entry."""

    __tablename__ = "audit"

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    who: str | None = None
    what: str
    objects: list[str] = Field(sa_type=JSON)
    outcome: str
    organisation: str | None = Field(default=None, index=True)


class SqlAuditLog:
    """The port AuditLog in SQL."""

    def __init__(self, db: Database, *, clock: Clock = utc_now) -> None:
        """From now on every transaction of `db` that a deed opens is noted in it."""
        self._db = db
        self._clock = clock
        self._tidied: datetime | None = None
        db.accompany(self._accompany)

    async def note(self, deed: Deed, outcome: str) -> None:
        """Note what became of a deed that changed nothing."""
        deed.over = True  # this transaction is not the deed's own
        if self._db.is_away:
            raise DatabaseUnavailable("the database was away a moment ago")
        async with self._db.session() as session:
            await self._write(session, deed, deed.touched, outcome)

    async def entries(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[AuditEntry]:
        """Entries in order."""
        own = col(AuditRow.organisation).is_not_distinct_from(organisation)
        query = select(AuditRow).where(own).order_by(col(AuditRow.id)).limit(limit)
        if after is not None:
            query = query.where(col(AuditRow.id) > after)
        async with self._db.reading() as session:
            rows = (await session.exec(query)).all()
        return [
            AuditEntry(row.id, row.at, row.who, row.what, tuple(row.objects), row.outcome) for row in rows
        ]

    @asynccontextmanager
    async def _accompany(self, session: AsyncSession) -> AsyncIterator[None]:
        deed = CURRENT_DEED.get()
        if deed is None or deed.over:
            yield
            return

        def collect(flushed: Session, _context: UOWTransaction) -> None:
            deed.touched.extend(_ids([*flushed.new, *flushed.dirty, *flushed.deleted]))

        event.listen(session.sync_session, "after_flush", collect)
        yield
        await session.flush()
        news = [name for name in dict.fromkeys(deed.touched) if name not in deed.noted]
        if news or not deed.changed:
            await self._write(session, deed, news, "changed")
            deed.changed = True
            deed.noted.update(news)
        deed.touched.clear()

    async def _write(self, session: AsyncSession, deed: Deed, touched: Sequence[str], outcome: str) -> None:
        act, now = deed.act(), self._clock()
        if self._tidied is None or now - self._tidied > TIDIED_EVERY:
            await session.exec(delete(AuditRow).where(col(AuditRow.at) < now - KEPT))
            self._tidied = now
        objects = list(dict.fromkeys([*act.objects, *touched]))[:MOST_OBJECTS]
        session.add(
            AuditRow(
                id=new_id(),
                at=now,
                who=deed.who,
                what=act.what,
                objects=objects,
                outcome=outcome,
                organisation=deed.organisation,
            )
        )


def _ids(rows: Iterable[object]) -> Iterable[str]:
    for row in rows:
        if isinstance(row, AuditRow | OutboxRow):
            continue
        for name in IDS:
            if (value := getattr(row, name, None)) is not None:
                yield f"{getattr(row, '__tablename__', 'row')}:{value}"
                break
