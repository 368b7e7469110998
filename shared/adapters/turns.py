"""One at a time among all processes of a party, by PostgreSQL's advisory locks.

Processes that share a database take turns by it: a lock belongs to a connection, and is free when its process dies. One
connection of each process, used for nothing else, holds all its locks. Where a party keeps SQLite files it is one process,
and its own locks do.

Whoever holds a turn while PostgreSQL is restarted loses it and goes on: what is done in a turn is in transactions of the
same database, which fail then, too.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

import asyncpg

from shared.ports.errors import Unavailable
from shared.ports.turns import OneAtATime

log = logging.getLogger(__name__)

LONGEST_TURN: Final = 60.0
"""Seconds somebody waits for his turn before he is told to come back later."""
CONNECT_SECONDS: Final = 10.0
COMMAND_SECONDS: Final = 15.0
_FIRST_LOOK: Final = 0.01
_LONGEST_LOOK: Final = 0.25
_TAKE: Final = "select pg_try_advisory_lock(hashtextextended($1, 0))"
_GIVE_BACK: Final = "select pg_advisory_unlock(hashtextextended($1, 0))"
_NOTICED_SOON: Final = {
    "application_name": "ujuzi-turns",
    # A machine that vanishes without a word keeps its turns for half a minute, not for two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}


class TurnsUnavailable(Unavailable):
    """It cannot be told whose turn it is, or another process keeps its turn for long."""

    part = "the database"


class Turns:
    """The port TakeTurns for all processes with this database; an async context manager, or `close` it."""

    def __init__(self, url: str | None) -> None:
        """`url` names the database, as in `sql.Database`; with None, or SQLite, turns are taken in this process only."""
        scheme, _, place = (url or "").partition("://")
        self._url = f"postgresql://{place}" if scheme.startswith("postgres") else None
        self._here = OneAtATime()
        self._line = asyncio.Lock()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._giving_back: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def __call__(self, key: str) -> AsyncIterator[None]:
        """Hold the key's turn inside the block. Raises TurnsUnavailable."""
        async with self._here(key):
            if self._url is None:
                yield
                return
            await self._wait_for(key)
            try:
                yield
            finally:
                await self._give_back(key)

    def each(self, key: str, do: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """The same, done by one process after the other."""

        async def done_in_turn() -> None:
            async with self(key):
                await do()

        return done_in_turn

    def alone(self, key: str, do: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """The same, done by one process at a time: while another is at it, it is left out."""

        async def done_by_one() -> None:
            if not self._here.is_free(key):
                return
            async with self._here(key):
                if self._url is None:
                    await do()
                elif await self._take(key):
                    try:
                        await do()
                    finally:
                        await self._give_back(key)

        return done_by_one

    async def close(self) -> None:
        """Give every turn back."""
        await asyncio.gather(*self._giving_back, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first turn."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give every turn back."""
        await self.close()

    async def _wait_for(self, key: str) -> None:
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + LONGEST_TURN, _FIRST_LOOK
        while not await self._take(key):
            if loop.time() > deadline:
                raise TurnsUnavailable(f"another process has been at the same for {LONGEST_TURN:.0f} s")
            await asyncio.sleep(pause)
            pause = min(1.5 * pause, _LONGEST_LOOK)

    async def _take(self, key: str) -> bool:
        asked = asyncio.ensure_future(self._ask(_TAKE, key))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            asked.add_done_callback(lambda _: self._later(key))  # it may have been given
            raise
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise TurnsUnavailable(f"whose turn it is cannot be told: {type(error).__name__}") from error

    async def _give_back(self, key: str) -> None:
        await asyncio.shield(self._later(key))

    def _later(self, key: str) -> asyncio.Task[None]:
        """Give it back even if whoever held it is cancelled meanwhile."""
        task = asyncio.create_task(self._given_back(key), name="give a turn back")
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)
        return task

    async def _given_back(self, key: str) -> None:
        if self._connection is None:
            return
        try:
            await self._ask(_GIVE_BACK, key)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("a turn ended with its connection: %s", type(error).__name__)

    async def _ask(self, statement: str, key: str) -> bool:
        async with self._line:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=CONNECT_SECONDS,
                    command_timeout=COMMAND_SECONDS,
                    server_settings=_NOTICED_SOON,
                )
            try:
                return bool(await self._connection.fetchval(statement, key))
            except BaseException:
                # Whether it was carried out is not known: without the connection it was not.
                self._connection.terminate()
                self._connection = None
                raise
