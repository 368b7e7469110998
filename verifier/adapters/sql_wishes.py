"""What learners ask to have deleted, in SQL: one wish a request, and nothing of what was shown."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult
from sqlmodel import Field, col, delete, select, update

from shared.adapters.sql import Database, UtcDateTime, insert_once
from shared.adapters.sql_outbox import Outbox
from shared.adapters.sql_webhooks import SqlWebhooks
from verifier.adapters.sql_requests import RequestRow, VerifierTable
from verifier.domain.wish import Deleted, Refused, Wish

ASKED: Final = "request.deletion_asked"
WISH_EVENTS: Final = {
    ASKED: "The learner asks for what she showed to be deleted before `keep_until`: do it, or say why not."
}
"""Types of events."""
_AT_ONCE: Final = 100


class WishRow(VerifierTable, table=True):
    """One wish; goes when its request is gone."""

    __tablename__ = "deletion_wish"

    request_id: str = Field(primary_key=True)
    connection_id: str
    language: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    because: str | None = None
    message_id: str | None = None
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SqlWishes:
    """Implements KeepWishes."""

    def __init__(self, db: Database, outbox: Outbox, webhooks: SqlWebhooks, base_url: str) -> None:
        """Links begin with `base_url`."""
        self._db = db
        self._outbox = outbox
        self._webhooks = webhooks
        self._base_url = base_url

    async def add(self, wish: Wish) -> bool:
        """Store and announce a wish; False if there is one for this request."""
        async with self._db.session() as session:
            if not await insert_once(session, WishRow, _columns(wish)):
                return False
            about = {"request_id": wish.request_id}
            self._outbox.add(session, f"events.{ASKED}.v1", about)
            links = {
                "request": f"{self._base_url}/v1/requests/{wish.request_id}",
                "page": f"{self._base_url}/console/requests/{wish.request_id}",
            }
            await self._webhooks.announce(session, ASKED, {**about, "links": links})
            return True

    async def find(self, request_id: str) -> Wish | None:
        """The wish for this request."""
        return (await self.of([request_id])).get(request_id)

    async def of(self, request_ids: Collection[str]) -> Mapping[str, Wish]:
        """The wishes for these requests, by request."""
        query = select(WishRow).where(col(WishRow.request_id).in_(list(request_ids)))
        async with self._db.reading() as session:
            return {row.request_id: _wish(row) for row in await session.exec(query)}

    async def save(self, wish: Wish) -> bool:
        """Store what was answered, unless it was answered by deleting before."""
        async with self._db.session() as session:
            return _one(
                await session.exec(
                    update(WishRow)
                    .where(col(WishRow.request_id) == wish.request_id, col(WishRow.deleted_at).is_(None))
                    .values(**_columns(wish))
                )
            )

    async def not_deleted(self) -> Sequence[Wish]:
        """Wishes for what was not deleted yet, refused ones included; the oldest first."""
        return await self._all(col(WishRow.deleted_at).is_(None), limit=None)

    async def untold(self) -> Sequence[Wish]:
        """Wishes whose answer the agent has not taken yet, some at a time."""
        return await self._all(
            col(WishRow.message_id).is_not(None) & col(WishRow.told_at).is_(None), limit=_AT_ONCE
        )

    async def told(self, request_id: str, message_id: str, *, at: datetime | None) -> None:
        """The agent has taken this answer; None: it is to be told once more."""
        async with self._db.session() as session:
            await session.exec(
                update(WishRow)
                .where(col(WishRow.request_id) == request_id, col(WishRow.message_id) == message_id)
                .values(told_at=at)
            )

    async def drop(self) -> int:
        """Delete those whose request is gone; returns how many."""
        async with self._db.session() as session:
            gone = await session.exec(
                delete(WishRow).where(col(WishRow.request_id).not_in(select(RequestRow.id)))
            )
            assert isinstance(gone, CursorResult)  # noqa: S101 - what a DELETE gives
            return int(gone.rowcount)

    async def _all(self, condition: object, *, limit: int | None) -> Sequence[Wish]:
        query = select(WishRow).where(condition).order_by(col(WishRow.asked_at)).limit(limit)  # type: ignore[arg-type]  # an SQL expression
        async with self._db.reading() as session:
            return [_wish(row) for row in await session.exec(query)]


def _columns(wish: Wish) -> dict[str, object]:
    answer = wish.answer
    return {
        "request_id": wish.request_id,
        "connection_id": wish.connection_id,
        "language": wish.language,
        "asked_at": wish.asked_at,
        "deleted_at": answer.at if isinstance(answer, Deleted) else None,
        "refused_at": answer.at if isinstance(answer, Refused) else None,
        "because": answer.because if isinstance(answer, Refused) else None,
        "message_id": wish.message_id,
        "told_at": wish.told_at,
    }


def _wish(row: WishRow) -> Wish:
    answer: Deleted | Refused | None = None
    if row.deleted_at is not None:
        answer = Deleted(row.deleted_at)
    elif row.refused_at is not None:
        answer = Refused(row.refused_at, row.because or "")
    return Wish(
        row.request_id, row.connection_id, row.language, row.asked_at, answer, row.message_id, row.told_at
    )


def _one(result: object) -> bool:
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return int(result.rowcount) == 1
