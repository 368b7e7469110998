"""One decision at a time for each wallet: in this process, and in every replica that shares a PostgreSQL database.

A replica's turns are PostgreSQL's advisory locks on one connection: they end with the process that holds them, and no clock
decides anything. The connection must lead to the server itself, or through a pooler that keeps sessions.
"""

import asyncio
import hashlib
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final, Protocol, Self
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql import Database, DatabaseUnavailable

PATIENCE_SECONDS: Final = 60.0
"""For a decision under way in another replica; an answer of the agent takes at most half of it."""
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.5
_TAKE: Final = text("select pg_try_advisory_lock(:key)")
_GIVE_BACK: Final = text("select pg_advisory_unlock(:key)")


class Turns(Protocol):
    """Lets one decision at a time through for each wallet."""

    def of(self, wallet_id: str) -> AbstractAsyncContextManager[None]:
        """Inside the block it is this caller's turn."""


class MemoryTurns:
    """`Turns` of one process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to close."""

    def of(self, wallet_id: str) -> asyncio.Lock:
        """The same lock while anybody refers to it."""
        return self._locks.setdefault(wallet_id, asyncio.Lock())


class PostgresTurns:
    """`Turns` of all replicas."""

    def __init__(self, database: Database) -> None:
        """One of the database's connections is kept for it."""
        self._database = database
        self._here = MemoryTurns()
        self._connection: AsyncConnection | None = None
        self._asking = asyncio.Lock()

    def of(self, wallet_id: str) -> AbstractAsyncContextManager[None]:
        """Its turn here, and then among the replicas. Entering raises DatabaseUnavailable."""
        return _Turn(self._here.of(wallet_id), self, _key(wallet_id))

    async def take(self, key: int) -> None:
        """Raises DatabaseUnavailable, also when another replica does not come to an end."""
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await self._ask(_TAKE, key):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except TimeoutError as error:
            raise DatabaseUnavailable("another replica did not finish with this wallet") from error

    async def give_back(self, key: int) -> None:
        """A server that is away has forgotten it."""
        try:
            await self._ask(_GIVE_BACK, key)
        except DatabaseUnavailable:
            return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give every turn back."""
        async with self._asking:
            await self._drop()

    async def _ask(self, what: object, key: int) -> bool:
        async with self._asking:
            try:
                if self._connection is None:
                    opened = await self._database.engine.connect()
                    self._connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
                return bool(await self._connection.scalar(what, {"key": key}))  # type: ignore[call-overload]  # text()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                await self._drop()
                raise DatabaseUnavailable(f"the database does not answer: {type(error).__name__}") from error
            except asyncio.CancelledError:
                await self._drop()  # whether it was taken is not known
                raise

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()


class _Turn:
    """May be entered again and again, as a lock may."""

    def __init__(self, here: asyncio.Lock, everywhere: PostgresTurns, key: int) -> None:
        self._here = here
        self._everywhere = everywhere
        self._key = key

    async def __aenter__(self) -> None:
        await self._here.acquire()
        try:
            await self._everywhere.take(self._key)
        except BaseException:
            self._here.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._everywhere.give_back(self._key)
        finally:
            self._here.release()


def _key(wallet_id: str) -> int:
    """Two wallets of one number would only wait for each other."""
    return int.from_bytes(
        hashlib.sha256(b"ujuzi wallet turn\0" + wallet_id.encode()).digest()[:8], signed=True
    )
