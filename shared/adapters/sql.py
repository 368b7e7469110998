"""SQLite or PostgreSQL behind one door: transactions, datetimes and migrations.

SqlError
├── DatabaseUrlInvalid
└── DatabaseUnavailable
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, override

from alembic import command
from alembic.config import Config
from sqlalchemy import ColumnElement, Connection, DateTime, Dialect, event, literal, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Mapped, registry
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.one_hop_sqlite import OneHopConnection
from shared.adapters.outage import Outage
from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable
from shared.ports.metrics import DB_IN_USE, DB_MOST, MOST_COUNTED, Reading

MIGRATIONS = Path(__file__).with_name("migrations")
"""Alembic's environment, and the migrations of the tables that every service has."""

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
BUSY_TIMEOUT_MS = 15_000
MAX_CONNECTIONS = 10
"""Per service, on PostgreSQL: a server's usual 100 then do for all services and agents of an exchange."""
POOL_WAIT_SECONDS = 30
TURN_SECONDS = 30
CONNECT_SECONDS = 10
COMMAND_SECONDS = 15
"""How long a statement may take on PostgreSQL before the server is taken for hanging."""
_NOT_THE_STATEMENTS_FAULT = ("08", "28", "3D", "53", "57P")
"""SQLSTATE classes: connection, account, database, resources, operator."""


type Companion = Callable[[AsyncSession], AbstractAsyncContextManager[object]]


class SqlError(UjuziError):
    """Base class of this module's errors."""


class DatabaseUrlInvalid(SqlError):
    """The database URL names no database this program can open."""


class DatabaseUnavailable(SqlError, Unavailable):
    """The database does not answer."""

    part = "the database"


class SharedTable(SQLModel, registry=registry()):
    """Base of the tables every service has; a service's own tables derive from a base of its own."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC and given back aware by every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"expected a datetime with a time zone, found {value!r}: use datetime.now(UTC)")
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database; nothing is opened before first use."""

    def __init__(self, url: str) -> None:
        """`url` is like `sqlite:////var/lib/ujuzi/issuer.db` or `postgresql://user:password@host/name`."""
        self._url = _async_url(url)
        self._engine = _engine(self._url)
        self._reading = self._engine.execution_options(ujuzi_reading=True)
        self._outage = Outage("the database")
        self._companion: Companion = nullcontext
        self._writers = asyncio.Lock() if self._url.drivername.startswith("sqlite") else None

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for what sessions cannot do."""
        return self._engine

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use it at the same time: a server's may, a file has one service."""
        return self._writers is None

    @property
    def is_away(self) -> bool:
        """Whether it was away a moment ago: what can wait need not find that out again."""
        return self._outage.is_fresh

    def accompany(self, companion: Companion) -> None:
        """Enter `companion` in every transaction that may write; what it adds at its end is committed along."""
        self._companion = companion

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        On SQLite the transaction takes the write lock at once, so that reading first and writing later
        cannot fail half-way; keep it short and await nothing but the database inside it.
        Raises DatabaseUnavailable when the database cannot be reached or stays locked.
        """
        async with (
            self._translating(),
            self._turn(),
            AsyncSession(self._engine, expire_on_commit=False) as session,
            session.begin(),
            self._companion(session),
        ):
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One transaction that only reads; on SQLite it waits for no writer."""
        async with (
            self._translating(),
            AsyncSession(self._reading, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def _translating(self) -> AsyncIterator[None]:
        """Tell a database that is away from a statement that is wrong, and the log when it goes and comes."""
        try:
            async with _translating():
                yield
        except DatabaseUnavailable as error:
            self._outage.away(str(error))
            raise
        self._outage.back()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Let this process's writers of a SQLite file take turns: SQLite itself serves whoever happens to ask next."""
        if self._writers is None:
            yield
            return
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._writers.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable(f"others wrote to the database for {TURN_SECONDS} s") from error
        try:
            yield
        finally:
            self._writers.release()

    async def check(self) -> None:
        """Ask the database for a sign of life; raises DatabaseUnavailable."""
        try:
            async with self._reading.connect() as connection:
                await connection.execute(text("select 1"))
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseUnavailable(f"the database does not answer: {type(error).__name__}") from error

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: of the pool; on SQLite, which has no bound, only what is in use."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return []
        in_use = Reading(DB_IN_USE, pool.checkedout())
        return [in_use] if self._writers is not None else [in_use, Reading(DB_MOST, MAX_CONNECTIONS)]

    async def empty_journal(self) -> None:
        """Leave nothing in a SQLite file's write-ahead journal, where what was deleted since stands as it was.

        While others read, as much as can be; PostgreSQL's own is recycled by itself. Raises DatabaseUnavailable.
        """
        if self._writers is None:
            return
        async with self._translating(), self._reading.connect() as connection:
            raw = await connection.get_raw_connection()
            if raw.driver_connection is not None:
                await raw.driver_connection.execute_fetchall("pragma wal_checkpoint(truncate)")

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first transaction."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.close()


@asynccontextmanager
async def _translating() -> AsyncIterator[None]:
    """Tell a database that is away from a statement that is wrong."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(f"the database failed: {type(error.orig).__name__}") from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if not error.connection_invalidated and not state.startswith(_NOT_THE_STATEMENTS_FAULT):
            raise
        raise DatabaseUnavailable("the connection to the database was refused or lost") from error
    except PoolTimeout as error:
        raise DatabaseUnavailable(
            f"all {MAX_CONNECTIONS} connections to the database were busy for {POOL_WAIT_SECONDS} s"
        ) from error
    except OSError as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {type(error).__name__}") from error


async def count_of(session: AsyncSession, table: type[SQLModel], condition: ColumnElement[bool]) -> int:
    """How many rows fulfil a condition that has an index; counted no further than MOST_COUNTED."""
    some = select(literal(1)).select_from(table).where(condition).limit(MOST_COUNTED).subquery()
    return (await session.exec(select(func.count()).select_from(some))).one()


async def insert_once(session: AsyncSession, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert the row unless its key is taken; True if it was inserted. Two processes cannot both succeed."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await (await session.connection()).execute(statement)).first() is not None


async def insert_many_once[T](
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    key: Mapped[T],
) -> set[T]:
    """Insert the rows whose key is free, in one statement; the keys of those that were inserted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(list(rows)).on_conflict_do_nothing().returning(key)
    return set((await (await session.connection()).execute(statement)).scalars())


async def upgrade(url: str, migrations_dir: Path | str) -> None:
    """Bring the database to the newest state of the shared tables and of the service's own.

    `migrations_dir` is the folder with the service's migration files (`<service>/adapters/migrations`).
    Processes that start together take turns on PostgreSQL; on SQLite the write lock does that.
    """
    await with_alembic(url, migrations_dir, lambda config: command.upgrade(config, "heads"))


async def with_alembic(url: str, migrations_dir: Path | str, run: Callable[[Config], object]) -> None:
    """Run one of Alembic's commands on the database, in one transaction."""
    engine = _engine(_async_url(url), command_seconds=None)  # a migration may take its time
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    folders = [MIGRATIONS / "versions", Path(migrations_dir)]
    config.set_main_option(
        "version_locations", "\n".join(str(folder).replace("%", "%%") for folder in folders)
    )

    def with_connection(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(8400)"))
        config.attributes["connection"] = connection
        run(config)

    try:
        async with _translating(), engine.begin() as connection:
            await connection.run_sync(with_connection)
    finally:
        await engine.dispose()


def _write_ahead(connection: Any, cursor: Any) -> None:  # noqa: ANN401 - the driver's own
    """Turn write-ahead on. Of several that open one new file SQLite refuses some at once, whatever their busy timeout."""
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            connection.run_async(lambda _: asyncio.sleep(0.05))
        else:
            return


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlInvalid(
            "expected a database URL such as sqlite:////path/to/file.db or "
            "postgresql://user:password@host/name, found something else"
        ) from error
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise DatabaseUrlInvalid(
            f"expected a sqlite or postgresql database URL, found the scheme {parsed.drivername!r}"
        )
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise DatabaseUrlInvalid("expected a path after sqlite:/// (an in-memory database would be lost)")
    return parsed.set(drivername=driver)


def _engine(url: URL, *, command_seconds: float | None = COMMAND_SECONDS) -> AsyncEngine:
    if not url.drivername.startswith("sqlite"):
        return create_async_engine(
            url,
            pool_pre_ping=True,
            pool_size=MAX_CONNECTIONS,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            connect_args={"timeout": CONNECT_SECONDS, "command_timeout": command_seconds},
            hide_parameters=True,
        )
    engine = create_async_engine(
        url, connect_args={"async_creator_fn": OneHopConnection}, hide_parameters=True
    )  # errors are logged: values may be personal

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        cursor.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("pragma page_count")
        if cursor.fetchone()[0] == 0:  # counts for an empty file only; any other would wait for writers
            cursor.execute("pragma auto_vacuum = incremental")
        _write_ahead(connection, cursor)
        cursor.execute("pragma synchronous = normal")
        cursor.execute("pragma foreign_keys = on")
        cursor.execute("pragma secure_delete = on")  # what is deleted is overwritten, in free pages too
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("ujuzi_reading", False)
        connection.exec_driver_sql("begin" if reading else "begin immediate")

    return engine
