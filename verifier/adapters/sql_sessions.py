"""Sessions of the job platform that requests are bound to, in SQL: digests only."""

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult
from sqlmodel import Field, col, delete, select, update

from shared.adapters.sql import Database, UtcDateTime
from verifier.adapters.sql_requests import RequestRow, VerifierTable
from verifier.domain.session import Bound, Held


class SessionRow(VerifierTable, table=True):
    """One request's session; goes when its request is gone."""

    __tablename__ = "request_session"

    request_id: str = Field(primary_key=True)
    reference: str
    browser: str | None = None
    code: str | None = None
    code_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    bound: str


class SqlSessions:
    """Implements KeepSessions; of two who act at once one wins."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, held: Held) -> None:
        """Store a session nobody holds yet."""
        async with self._db.session() as session:
            session.add(
                SessionRow(
                    request_id=held.request_id,
                    reference=held.reference,
                    browser=held.browser,
                    bound=held.bound,
                )
            )

    async def find(self, request_id: str) -> Held | None:
        """The session of this request."""
        async with self._db.reading() as session:
            row = await session.get(SessionRow, request_id)
            if row is None:
                return None
            return Held(row.request_id, row.reference, row.browser, cast("Bound", row.bound))

    async def hold(self, request_id: str, browser: str) -> bool:
        """Whether this browser is the first."""
        async with self._db.session() as session:
            return _one(
                await session.exec(
                    update(SessionRow)
                    .where(col(SessionRow.request_id) == request_id, col(SessionRow.browser).is_(None))
                    .values(browser=browser)
                )
            )

    async def give_code(self, request_id: str, code: str, *, until: datetime) -> None:
        """The code that counts from now on, unless one was redeemed."""
        async with self._db.session() as session:
            await session.exec(
                update(SessionRow)
                .where(col(SessionRow.request_id) == request_id, col(SessionRow.bound) == "unbound")
                .values(code=code, code_until=until)
            )

    async def redeem(self, request_id: str, code: str, *, bound: Bound, now: datetime) -> bool:
        """Whether the code counted; it does so once."""
        async with self._db.session() as session:
            return _one(
                await session.exec(
                    update(SessionRow)
                    .where(
                        col(SessionRow.request_id) == request_id,
                        col(SessionRow.code) == code,
                        col(SessionRow.code_until) > now,
                        col(SessionRow.bound) == "unbound",
                    )
                    .values(code=None, code_until=None, bound=bound)
                )
            )

    async def drop(self) -> int:
        """Delete those whose request is gone; returns how many."""
        async with self._db.session() as session:
            gone = await session.exec(
                delete(SessionRow).where(col(SessionRow.request_id).not_in(select(RequestRow.id)))
            )
            assert isinstance(gone, CursorResult)  # noqa: S101 - what a DELETE gives
            return int(gone.rowcount)


def _one(result: object) -> bool:
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return int(result.rowcount) == 1
