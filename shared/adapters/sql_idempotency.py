"""Answers to requests with an Idempotency-Key, kept for a day."""

from datetime import datetime, timedelta

from sqlmodel import Field, col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.clock import utc_now
from shared.adapters.sql import Database, DatabaseUnavailable, SharedTable, UtcDateTime, insert_once
from shared.ports.clock import Clock
from shared.ports.idempotency import Answered, Begun, InProgress, OtherRequest

KEPT = timedelta(days=1)
SWEEP = timedelta(minutes=1)
"""How often a process deletes what was kept for long enough."""
LONGEST_REQUEST = timedelta(minutes=2)
"""After this long without an answer a request is taken to have died with its process."""


class IdempotentAnswerRow(SharedTable, table=True):
    """One request, by digests, and its sealed answer once there is one."""

    __tablename__ = "idempotent_answer"

    key: str = Field(primary_key=True)
    request: str
    begun_at: datetime = Field(sa_type=UtcDateTime, index=True)
    sealed: bytes | None = None


class SqlIdempotentAnswers:
    """The port IdempotentAnswers in SQL."""

    def __init__(self, db: Database, *, clock: Clock = utc_now) -> None:
        """Answers live in this database."""
        self._db = db
        self._clock = clock
        self._swept: datetime | None = None

    async def begin(self, key: str, request: str) -> Begun | InProgress | OtherRequest | Answered:
        """Claim the key for this request, or say what became of it."""
        now = self._clock()
        async with self._db.session() as session:
            if self._swept is None or now - self._swept >= SWEEP:
                await session.exec(
                    delete(IdempotentAnswerRow).where(col(IdempotentAnswerRow.begun_at) < now - KEPT)
                )
                self._swept = now
            claimed = await self._claim(session, key, request, now)
            if claimed:
                return Begun()
            row = await session.get(IdempotentAnswerRow, key, with_for_update=True)
            if row is None:
                return InProgress()
            if now - row.begun_at <= KEPT:
                if row.request != request:
                    return OtherRequest()
                if row.sealed is not None:
                    return Answered(row.sealed)
                if now - row.begun_at < LONGEST_REQUEST:
                    return InProgress()
            row.request, row.begun_at, row.sealed = request, now, None
            return Begun()

    async def finish(self, key: str, sealed: bytes) -> None:
        """Store the answer."""
        stored = update(IdempotentAnswerRow).where(col(IdempotentAnswerRow.key) == key).values(sealed=sealed)
        async with self._db.session() as session:
            await session.exec(stored.execution_options(synchronize_session=False))

    async def forget(self, key: str) -> None:
        """Release the key."""
        if self._db.is_away:
            raise DatabaseUnavailable("the database was away a moment ago")
        async with self._db.session() as session:
            await session.exec(delete(IdempotentAnswerRow).where(col(IdempotentAnswerRow.key) == key))

    async def _claim(self, session: AsyncSession, key: str, request: str, now: datetime) -> bool:
        """Insert the key unless it is there; two processes cannot both succeed."""
        values = {"key": key, "request": request, "begun_at": now, "sealed": None}
        return await insert_once(session, IdempotentAnswerRow, values)
