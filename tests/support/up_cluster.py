"""An exchange of which any one program may be lost, on this machine: `python -m tests.support.up_cluster`.

    up_cluster --home HOME --base-port PORT

UJUZI_DATABASE names its PostgreSQL server; REPLICAS says as JSON how many run of which program, `{"issuer": 2}`, and SHARDS
which further shards learners' wallets have, `["b"]`, each with an agent and one on standby. NATS is a cluster of three. Each program is started again when it ends, as a supervisor does. Where a web app has replicas, its public
port is a front (Front) that leads each connection to the next replica that takes it.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from services.launcher.adapters.bundled_files import nats_cluster_config
from services.launcher.adapters.drawn import base58_key
from services.launcher.domain.cluster import (
    COPIES,
    NatsPort,
    Shard,
    several_replicas,
    several_servers,
    several_shards,
)
from services.launcher.domain.exchange import (
    LOOPBACK,
    Endpoints,
    Ports,
    Program,
    Secrets,
    Site,
    programs_of,
)
from services.launcher.main import exchange_in, introduce, run_as_program
from tests.support.free_port import free_port

PROGRAM = ("-m", "tests.support.up_cluster")
REPLICAS = "REPLICAS"
SHARDS = "SHARDS"
READY = "ready.json"
"""File in the home: where each program answers when it is ready, by its name."""
_CHUNK = 64 * 1024
_READY_SECONDS = 120.0
"""Some twenty programs start at once."""


class Front:
    """What a load balancer does: leads each connection to one replica after the other, past those that refuse it."""

    def __init__(self, port: int, replicas: Sequence[int]) -> None:
        self.port = port
        self._replicas = list(replicas)
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen inside the block."""
        server = await asyncio.start_server(self._answer, LOOPBACK, self.port)
        try:
            yield
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        for _ in self._replicas:
            self._replicas.append(self._replicas.pop(0))
            try:
                up_reader, up_writer = await asyncio.open_connection(LOOPBACK, self._replicas[-1])
            except OSError:
                continue
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_passed(reader, up_writer))
                    group.create_task(_passed(up_reader, writer))
            finally:
                up_writer.close()
                writer.close()
            return
        writer.close()


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on until one side ends; the other is then told so."""
    with suppress(OSError):
        while part := await reader.read(_CHUNK):
            writer.write(part)
            await writer.drain()
    with suppress(OSError):
        writer.close()


def ports_of(replicas: Mapping[str, int], ports: Ports) -> dict[str, list[int]]:
    """Where replicas listen. An agent's first keeps its port; a web app's port is its front's."""
    found = {}
    for name, number in replicas.items():
        own = [ports.all()[name]] if name.endswith("-agent") else []
        found[name] = own + [free_port() for _ in range(number - len(own))]
    return found


@asynccontextmanager
async def up(
    home: Path, base_port: int, database_url: str, replicas: Mapping[str, int], shards: Sequence[str]
) -> AsyncIterator[Endpoints]:
    """Run it inside the block."""
    ports = Ports(base_port)
    listening = ports_of(replicas, ports)
    further = [Shard(name, free_port(), base58_key()) for name in shards]
    nats = [NatsPort(ports.nats if number == 0 else free_port(), free_port()) for number in range(COPIES)]

    def plan(site: Site, secrets: Secrets) -> Sequence[Program]:
        programs = several_servers(
            programs_of(site, secrets), nats_cluster_config(), nats, secrets.nats_passwords["registry"]
        )
        planned = several_replicas(several_shards(programs, further, standby=True), listening, site)
        (home / READY).write_text(json.dumps({one.name: one.ready for one in planned}))
        return planned

    async with AsyncExitStack() as fronts:

        async def open_fronts_and_introduce(endpoints: Endpoints) -> None:
            for name, behind in listening.items():
                if not name.endswith("-agent"):
                    await fronts.enter_async_context(Front(ports.all()[name], behind).open())
            await introduce(endpoints)

        async with exchange_in(
            home,
            base_port,
            database_url,
            open_fronts_and_introduce,
            plan=plan,
            ready_within=_READY_SECONDS,
        ) as endpoints:
            yield endpoints


if __name__ == "__main__":
    run_as_program(
        partial(
            up,
            database_url=os.environ["UJUZI_DATABASE"],
            replicas=json.loads(os.environ.get(REPLICAS, "{}")),
            shards=json.loads(os.environ.get(SHARDS, "[]")),
        )
    )
