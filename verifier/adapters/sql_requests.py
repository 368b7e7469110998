"""Requests in SQL: what is searched for in columns, the state itself as JSON of its type."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, cast

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from pydantic import TypeAdapter
from sqlalchemy import JSON, CursorResult, func
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.bells import Bells, Wait
from shared.adapters.sql import Database, UtcDateTime, count_of
from shared.adapters.sql_outbox import Outbox
from shared.ports.metrics import REQUESTS, VERDICTS, Reading
from verifier.domain.request import (
    STATES,
    Answered,
    Created,
    Declined,
    Expired,
    Judged,
    Request,
    Sought,
    StateName,
    exchange_of,
    renewed,
    state_name,
    without_claims,
)
from verifier.errors import RequestSealed
from verifier.ports import EVERY_REQUEST

LOOK_SECONDS = 5.0
"""How often whoever follows a request looks although nothing was told: no other process changes it."""
LOOK_SHARED_SECONDS = 0.5
"""The same where another process may have changed it."""
WAITING = ("created", "asked", "answered")
CHANGED = "events.request.{state}.v1"

type Tell = Callable[[AsyncSession, Request], Awaitable[None]]

_BY_NAME: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for kind, name in STATES.items()}


class VerifierTable(SQLModel, registry=registry()):
    """Base of the verifier's tables."""


class RequestRow(VerifierTable, table=True):
    """One request. `body` is its state without anything a learner or the platform said of her; `sealed` is the whole, until it is forgotten."""

    __tablename__ = "request"

    id: str = Field(primary_key=True)
    state: str = Field(index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    invitation_message_id: str = Field(unique=True)
    exchange_id: str | None = Field(default=None, unique=True)
    connection_id: str | None = Field(default=None, index=True)
    answer_digest: str | None = Field(default=None, index=True)
    forget_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    agent_keeps: bool = Field(default=False, index=True)
    body: dict[str, Any] = Field(sa_type=JSON)
    sealed: bytes | None = None


class SqlRequests:
    """Implements KeepRequests; every change of state is announced through the outbox, by id and state."""

    def __init__(self, db: Database, outbox: Outbox, tell: Tell | None = None, *, key: bytes) -> None:
        """`tell` is called in every transaction that changes a request's state."""
        self._db = db
        self._outbox = outbox
        self._tell = tell
        self._box = SecretBox(hashlib.sha256(b"ujuzi shown\0" + key).digest())
        self._bells = Bells(look_seconds=LOOK_SHARED_SECONDS if db.is_shared else LOOK_SECONDS)

    async def add(self, request: Request) -> None:
        """Store a new request."""
        async with self._db.session() as session:
            session.add(RequestRow(id=request.stated.id, **self._columns(request)))
            await self._announce(session, request)

    async def renew(self, request: Created) -> bool:
        """Store a new request in place of the one it renews, unless that one has been renewed: of two processes one wins."""
        async with self._db.session() as session:
            old = (
                await session.exec(
                    select(RequestRow).where(col(RequestRow.id) == request.stated.renews).with_for_update()
                )
            ).one_or_none()
            ended = None if old is None else self._read(old)
            if old is None or not isinstance(ended, Expired | Declined) or ended.renewed_by is not None:
                return False
            columns = self._columns(renewed(ended, request.stated.id))
            old.body, old.sealed = columns["body"], columns["sealed"]
            session.add(RequestRow(id=request.stated.id, **self._columns(request)))
            await self._announce(session, request)
        self._bells.ring(ended.stated.id)
        return True

    async def find(self, request_id: str) -> Request | None:
        """The request with this id."""
        async with self._db.reading() as session:
            row = await session.get(RequestRow, request_id)
            return None if row is None else self._read(row)

    async def by_invitation(self, message_id: str) -> Request | None:
        """The request whose invitation this is."""
        return await self._one(col(RequestRow.invitation_message_id) == message_id)

    async def by_exchange(self, exchange_id: str) -> Request | None:
        """The request asked in this exchange."""
        return await self._one(col(RequestRow.exchange_id) == exchange_id)

    async def by_connection(self, connection_id: str) -> Request | None:
        """The newest request asked over this connection."""
        found = await self._all(col(RequestRow.connection_id) == connection_id)
        return found[-1] if found else None

    async def save(self, request: Request, *, expected: type[Request] | type[Judged]) -> bool:
        """Replace the stored request if it is still in the expected state: two who decide at once cannot both win."""
        async with self._db.session() as session:
            changed = await session.exec(
                update(RequestRow)
                .where(
                    col(RequestRow.id) == request.stated.id,
                    col(RequestRow.state) == STATES[expected],
                )
                .values(**self._columns(request))
            )
            if _count(changed) != 1:
                return False
            if state_name(request) != STATES[expected]:  # one that forgets its claims stays judged
                await self._announce(session, request)
        self._bells.ring(request.stated.id)
        if isinstance(request, Judged) and expected is Answered:
            VERDICTS.labels(request.verdict.result.value).inc()
        return True

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: of requests not settled yet. Raises DatabaseUnavailable."""
        async with self._db.reading() as session:
            return [
                Reading(
                    REQUESTS,
                    await count_of(session, RequestRow, col(RequestRow.state) == state),
                    {"state": state},
                )
                for state in WAITING
            ]

    async def page(self, after: str | None, limit: int, sought: Sought = EVERY_REQUEST) -> Sequence[Request]:
        """Up to `limit` requests, newest first: ids are ordered by time."""
        query = select(RequestRow).order_by(col(RequestRow.id).desc()).limit(limit)
        if sought.state is not None:
            query = query.where(col(RequestRow.state) == sought.state)
        if sought.result is not None:
            query = query.where(_within("verdict", "result") == sought.result.value)
        if sought.template_id is not None:
            query = query.where(_template_id == sought.template_id)
        if after is not None:
            query = query.where(col(RequestRow.id) < after)
        async with self._db.reading() as session:
            return [self._read(row) for row in await session.exec(query)]

    async def waiting(self) -> Sequence[Request]:
        """Every request that is created, asked or answered."""
        return await self._all(col(RequestRow.state).in_(WAITING))

    async def to_forget(self, now: datetime) -> Sequence[Judged]:
        """Judged requests whose disclosed values were to be deleted by now."""
        found = await self._all(col(RequestRow.forget_at) <= now)
        return [request for request in found if isinstance(request, Judged)]

    async def to_clear(self) -> Sequence[Request]:
        """Finished requests whose record the agent still keeps."""
        return await self._all(col(RequestRow.agent_keeps).is_(True) & col(RequestRow.state).not_in(WAITING))

    async def cleared(self, request_id: str) -> None:
        """The agent keeps nothing of this request any more."""
        async with self._db.session() as session:
            await session.exec(
                update(RequestRow).where(col(RequestRow.id) == request_id).values(agent_keeps=False)
            )

    async def drop(self, *, made_before: datetime) -> int:
        """Delete finished requests of which neither shown values nor the agent's records are left; returns how many."""
        async with self._db.session() as session:
            dropped = await session.exec(
                delete(RequestRow).where(
                    col(RequestRow.created_at) < made_before,
                    col(RequestRow.state).not_in(WAITING),
                    col(RequestRow.forget_at).is_(None),
                    col(RequestRow.agent_keeps).is_(False),
                )
            )
            return _count(dropped)

    async def seen_before(self, answer_digest: str, *, but_not: str) -> str | None:
        """Id of another request this very presentation was sent to."""
        query = select(RequestRow.id).where(
            col(RequestRow.answer_digest) == answer_digest, col(RequestRow.id) != but_not
        )
        async with self._db.reading() as session:
            return (await session.exec(query.limit(1))).first()

    def following(self, request_id: str) -> AbstractContextManager[Wait]:
        """Told of what this process saves; looks now and then for what another did, or a clock."""
        return self._bells.listening(request_id)

    async def seal(self) -> int:
        """Seal what a version before this one stored in plain text; returns how many requests."""
        async with self._db.session() as session:
            rows = (
                await session.exec(
                    select(RequestRow).where(
                        col(RequestRow.sealed).is_(None),
                        col(RequestRow.forget_at).is_not(None) | col(RequestRow.state).in_(WAITING),
                    )
                )
            ).all()
            plain = [row for row in rows if without_claims(self._read(row)) != self._read(row)]
            for row in plain:
                columns = self._columns(self._read(row))
                row.body, row.sealed = columns["body"], columns["sealed"]
                session.add(row)
            return len(plain)

    def _columns(self, request: Request) -> dict[str, Any]:
        """Every column but the id, so that a save leaves nothing of the state before."""
        state: StateName = state_name(request)
        exchange, bare = exchange_of(request), without_claims(request)
        answered = request.answered if isinstance(request, Judged) else request
        columns: dict[str, Any] = {
            "state": state,
            "created_at": request.stated.created_at,
            "invitation_message_id": request.stated.invitation.message_id,
            "exchange_id": None if exchange is None else exchange.id,
            "connection_id": None if exchange is None else exchange.connection_id,
            "answer_digest": answered.answer_digest if isinstance(answered, Answered) else None,
            "forget_at": request.keep_until
            if isinstance(request, Judged) and request.disclosed is not None
            else None,
            "body": _BY_NAME[state].dump_python(bare, mode="json"),
            "sealed": None if bare == request else self._box.encrypt(_BY_NAME[state].dump_json(request)),
        }
        if exchange is not None and not (isinstance(request, Judged) and request.disclosed is None):
            columns["agent_keeps"] = True
        return columns

    def _read(self, row: RequestRow) -> Request:
        kind = _BY_NAME[row.state]
        if row.sealed is None:
            found: Request = kind.validate_python(row.body)
            return found
        try:
            found = kind.validate_json(self._box.decrypt(row.sealed))
        except CryptoError as error:
            raise RequestSealed(
                f"request {row.id} was sealed with another secret key: start with the VERIFIER_SECRET_KEY it was stored under"
            ) from error
        if found.stated.id != row.id:
            raise RequestSealed(f"what is sealed in the row of request {row.id} is of another request")
        return found

    async def _one(self, condition: Any) -> Request | None:  # noqa: ANN401 - an SQL expression
        found = await self._all(condition)
        return found[0] if found else None

    async def _all(self, condition: Any) -> list[Request]:  # noqa: ANN401 - an SQL expression
        async with self._db.reading() as session:
            rows = await session.exec(select(RequestRow).where(condition).order_by(col(RequestRow.id)))
            return [self._read(row) for row in rows]

    async def _announce(self, session: AsyncSession, request: Request) -> None:
        subject = CHANGED.format(state=state_name(request))
        self._outbox.add(session, subject, {"request_id": request.stated.id, "state": state_name(request)})
        if self._tell is not None:
            await self._tell(session, request)


def _within(*path: str) -> Any:  # noqa: ANN401 - an SQL expression
    """What stands at this place of a body, as text."""
    return cast("Any", RequestRow.body)[path].as_string()


_template_id = func.coalesce(
    *(_within(*way, "stated", "template", "ref", "id") for way in ((), ("asked",), ("answered", "asked")))
)
"""Where the state before stands inside the state, it has what was stated inside."""


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE or DELETE gives
    return int(result.rowcount)
