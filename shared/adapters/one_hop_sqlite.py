"""SQLite connections that go to their thread once for each statement.

aiosqlite has a thread for each connection and goes there and back for making a cursor, for executing, for fetching and for
closing it: nine times for one row read in a transaction. Each time two threads are woken, which costs more than what SQLite
itself does. Here a statement is executed, and all its rows are fetched, in one go.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Self, override

import aiosqlite

_CHUNK: Final = 64
"""aiosqlite's own default; nothing here fetches by chunks."""

type _Statement = Callable[[sqlite3.Cursor], object]


class OneHopConnection(aiosqlite.Connection):
    """What SQLAlchemy is given in place of aiosqlite's own."""

    def __init__(self, database: str, **options: Any) -> None:  # noqa: ANN401 - sqlite3's own
        """Nothing is opened before it is awaited; `options` as `sqlite3.connect` takes them."""
        super().__init__(lambda: sqlite3.connect(database, **options), _CHUNK)
        self._thread.daemon = True  # as SQLAlchemy has it: a forgotten connection keeps no process alive

    @override
    def cursor(self) -> "OneHopCursor":  # type: ignore[override]  # SQLAlchemy only enters it
        return OneHopCursor(self)

    async def go(self, statement: _Statement) -> "Done":
        """Execute in the thread; raises what sqlite3 raises."""
        return await self._execute(_done, self._conn, statement)  # type: ignore[no-any-return, no-untyped-call]


class Done:
    """What is left of a statement: its rows, all of them, and what a cursor tells of it."""

    __slots__ = ("description", "lastrowid", "rowcount", "rows")

    def __init__(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self.rows = rows
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


def _done(connection: sqlite3.Connection, statement: _Statement) -> Done:
    cursor = connection.cursor()
    try:
        statement(cursor)
        return Done(cursor, cursor.fetchall() if cursor.description else [])
    finally:
        cursor.close()


class OneHopCursor:
    """As much of a cursor as SQLAlchemy uses."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._done: Done | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """One statement; raises what sqlite3 raises."""
        self._done = await self._connection.go(lambda cursor: cursor.execute(sql, tuple(parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """One statement, for each of these."""
        self._done = await self._connection.go(lambda cursor: cursor.executemany(sql, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        if self._done is None:
            return []
        rows, self._done.rows = self._done.rows, []
        return rows

    async def close(self) -> None:
        """It is closed already."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - sqlite3's own
        """As sqlite3 has it."""
        return None if self._done is None else self._done.description

    @property
    def rowcount(self) -> int:
        """As sqlite3 has it."""
        return -1 if self._done is None else self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        """As sqlite3 has it."""
        return None if self._done is None else self._done.lastrowid
