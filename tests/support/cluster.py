"""An exchange past one machine, for tests: NATS of three servers, PostgreSQL, replicas, and what kills one of each.

    async with running_cluster(home, f"{postgres_cluster}/name", {"issuer": 2, "issuer-agent": 2}) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        kill(exchange, "issuer-2")

`exchange` is a RunningExchange like any other: its addresses are fronts, and its auditor is tests/support/auditor.py. Replicas
are called `issuer`, `issuer-2`, NATS servers `nats`, `nats-2`, `nats-3`. To have another program doubled, name it in `replicas`:
`services/launcher/domain/cluster.py` gives it a folder and a port of its own and everything else as the others have it, and
tells its service of every replica of an agent (`…_AGENT_URL` with commas between). What more a replica must be told than its
port (a shard's number, say) belongs in `several_replicas` there.
"""

import json
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.support import up_cluster
from tests.support.exchange import RunningExchange, running_exchange
from tests.support.wait import until

NATS: Final = ("nats", "nats-2", "nats-3")
EVERYTHING_TWICE: Final[Mapping[str, int]] = {
    "issuer": 2, "verifier": 2, "trust-registry": 2, "issuer-agent": 2, "verifier-agent": 2,
}  # fmt: skip
_RECOVERY_SECONDS: Final = 120.0


@asynccontextmanager
async def running_cluster(
    home: Path, database: str, replicas: Mapping[str, int]
) -> AsyncGenerator[RunningExchange]:
    """An exchange with so many replicas of each of these programs, its data in PostgreSQL at `database`."""
    settings = {up_cluster.REPLICAS: json.dumps(dict(replicas))}
    async with running_exchange(
        home, database=database, program=up_cluster.PROGRAM, settings=settings
    ) as exchange:
        yield exchange


async def kill(exchange: RunningExchange, program: str) -> None:
    """Kill one program (-9); return when its supervisor has started it again."""
    pid = await until(lambda: exchange.programs().get(program), _RECOVERY_SECONDS, f"{program} runs")
    os.kill(pid, signal.SIGKILL)
    await until(
        lambda: exchange.programs().get(program, pid) != pid, _RECOVERY_SECONDS, f"{program} is started again"
    )
