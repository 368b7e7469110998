"""The databases of one exchange in a PostgreSQL server."""

import asyncpg

from services.launcher.domain.exchange import POSTGRES_PROGRAMS, PostgresServer
from services.launcher.errors import CannotStart

_CONNECT_SECONDS = 10.0
_EVERY_CLUSTER_HAS_IT = "postgres"
_WRONG_ACCOUNT = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError)


class PostgresDatabases:
    """Makes what is not there yet."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @property
    def place(self) -> str:
        """Where they are, without account and password."""
        return self._server.address

    async def prepare(self) -> None:
        """Make the database of each program unless it is there.

        Raises:
            CannotStart: the server, the account or its rights do not suffice; says what to do.
        """
        server = self._server
        try:
            connection = await asyncpg.connect(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password or None,
                database=_EVERY_CLUSTER_HAS_IT,
                timeout=_CONNECT_SECONDS,
            )
        except _WRONG_ACCOUNT as error:
            raise CannotStart(
                f"PostgreSQL at {server.host}:{server.port} does not let {server.user!r} in; check user and password "
                "in the database setting."
            ) from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            raise CannotStart(
                f"PostgreSQL at {server.host}:{server.port} does not answer ({type(error).__name__}); start it, or "
                "correct the database setting."
            ) from error
        try:
            await self._make_missing(connection)
        finally:
            await connection.close()

    async def _make_missing(self, connection: asyncpg.Connection) -> None:
        there = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        names = [self._server.database_name(program) for program in POSTGRES_PROGRAMS]
        for name in (name for name in names if name not in there):
            try:
                # An identifier cannot be a parameter; the name is letters, digits and underscores.
                await connection.execute(f"create database \"{name}\" encoding 'UTF8' template template0")
            except asyncpg.InsufficientPrivilegeError as error:
                raise CannotStart(
                    f"{self._server.user!r} may not make databases: allow it (alter role … createdb), or make "
                    f"{', '.join(names)} for it."
                ) from error
