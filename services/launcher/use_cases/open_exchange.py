"""Run an exchange on this machine for as long as a `with` block lasts."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby

from services.launcher.domain.exchange import Endpoints, Ports, Program, Secrets, Stage, endpoints_of
from services.launcher.ports import KeepDatabases, KeepHome, RunPrograms


@asynccontextmanager
async def open_exchange(
    home: KeepHome,
    databases: KeepDatabases,
    run: RunPrograms,
    ports: Ports,
    *,
    plan: Callable[[Secrets], Sequence[Program]],
    prepare: Callable[[Endpoints], Awaitable[None]],
) -> AsyncGenerator[Endpoints]:
    """Yield the addresses once every program is ready and all is prepared; leave nothing running behind.

    NATS comes first, because every other program needs it at once; agents and web apps then start together. The
    addresses are published last: whoever finds them may begin.

    Raises:
        CannotStart: the home, a port, a binary or the database server is not to be had.
        NotReady: a program ended or took too long.
    """
    home.claim()
    try:
        run.check_ports(ports.all())
        home.keep_data_in(databases.place)
        await databases.prepare()
        secrets = home.secrets()
        endpoints = endpoints_of(ports, secrets)
        try:
            for _, group in groupby(plan(secrets), key=lambda program: program.stage is Stage.BUS):
                await run.start(tuple(group))
            await prepare(endpoints)
            home.publish(endpoints)
            yield endpoints
        finally:
            home.withdraw()
            await run.stop()
    finally:
        home.release()
