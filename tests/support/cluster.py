"""An exchange past one machine, for tests: NATS of three servers, PostgreSQL, replicas, and what kills one of each.

    async with running_cluster(home, f"{postgres_cluster}/name", {"issuer": 2, "issuer-agent": 2}) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        await kill(exchange, "issuer-2")

`exchange` is a RunningExchange like any other: its addresses are fronts, and its auditor is tests/support/auditor.py. Replicas
are called `issuer`, `issuer-2`, NATS servers `nats`, `nats-2`, `nats-3`; a further shard of wallets has `wallet-agent-b` and, on
standby, `wallet-agent-b-2`. `services/launcher/domain/cluster.py` says what each is told beside its port.
"""

import json
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from services.launcher.adapters.child_processes import _answers
from shared.adapters.jetstream import connect
from shared.contracts.streams import DIDCOMM_IN
from tests.support import up_cluster
from tests.support.exchange import RunningExchange, running_exchange
from tests.support.wait import until

NATS: Final = ("nats", "nats-2", "nats-3")
EVERYTHING_TWICE: Final[Mapping[str, int]] = {
    "issuer": 2, "wallet": 2, "verifier": 2, "trust-registry": 2, "issuer-agent": 2, "verifier-agent": 2,
}  # fmt: skip
SHARD: Final = "b"
"""The shard of learners' wallets beside the main one."""
_RECOVERY_SECONDS: Final = 120.0


@asynccontextmanager
async def running_cluster(
    home: Path, database: str, replicas: Mapping[str, int], shards: Sequence[str] = ()
) -> AsyncGenerator[RunningExchange]:
    """An exchange with so many replicas of each of these programs, its data in PostgreSQL at `database`.

    Wallets are spread over the main shard and `shards`, of which each has an agent on standby.
    """
    settings = {
        up_cluster.REPLICAS: json.dumps(dict(replicas)),
        up_cluster.SHARDS: json.dumps(list(shards)),
    }
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


async def all_are_ready(exchange: RunningExchange) -> None:
    """Return when each program runs and answers that it is ready."""
    addresses: dict[str, str] = json.loads((exchange.home / up_cluster.READY).read_text())

    async def ready() -> bool:
        if addresses.keys() - exchange.programs().keys():
            return False
        return all([await _answers(client, address) for address in addresses.values()])

    async with httpx.AsyncClient() as client:
        await until(ready, _RECOVERY_SECONDS, "every program is ready")


def holder_of(exchange: RunningExchange, shard: str) -> str:
    """Name of the one of two agents that has the shard's stores: it keeps its process in their folder."""
    claim = json.loads((exchange.home / f"wallet-agent-{shard}" / "claim.json").read_text())
    return next(
        (
            name
            for name, pid in exchange.programs().items()
            if claim["holder"].startswith(f"process {pid} on ")
        ),
        "",
    )


async def leader_of(exchange: RunningExchange, party: str) -> str:
    """Name of the NATS server that leads the others in keeping what comes in for this party."""
    password = json.loads((exchange.home / "secrets.json").read_text())["nats_passwords"][party]
    client = await connect(exchange.endpoints["nats"], party, password)

    async def leader() -> str | None:
        found = (await client.jetstream().stream_info(DIDCOMM_IN.name)).cluster
        return found.leader if found else None

    try:
        return await until(leader, _RECOVERY_SECONDS, "the stream has a leader")
    finally:
        await client.close()
