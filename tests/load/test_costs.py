"""What claims and proofs cost: processor time by program, bytes on the wire, in PostgreSQL, in NATS and in wallets' stores.

A whole exchange on PostgreSQL whose parties meet at edges that count bytes. Little is in flight: these are costs, no rates.
Prints what was measured, and writes it to WRITE=FILE: docs/scale/measured.json, of which `ujuzi scale` makes docs/scale.md. COUNT=… changes of how many claims and proofs it is the mean.
"""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from nats.aio.msg import Msg

from services.launcher.domain.exchange import PARTIES
from shared.adapters.jetstream import connect
from tests.faults.test_faults import can_issue, world
from tests.load.course import processor, run
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.edges import Edge
from tests.support.exchange import RunningExchange, make_awards
from tests.support.patient_learner import STEPS, PatientLearner
from tests.support.postgres import Cluster
from tests.support.wait import until

COUNT = int(os.environ.get("COUNT") or 40)
AT_ONCE = 4
SECONDS = 900.0
IDLE_SECONDS = 20.0
HOLDS = (5, 20)
"""How many credentials one wallet is made to hold, one after the other."""


class Wire:
    """Counts what every party publishes on NATS."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    @asynccontextmanager
    async def listening(self, exchange: RunningExchange) -> AsyncIterator[None]:
        passwords = json.loads((exchange.home / "secrets.json").read_text())["nats_passwords"]
        async with AsyncExitStack() as stack:
            for party in PARTIES:
                client = await connect(exchange.endpoints["nats"], party, passwords[party])
                stack.push_async_callback(client.close)
                await client.subscribe(">", cb=self._count)
            yield

    async def _count(self, message: Msg) -> None:
        if message.subject.startswith(("_INBOX", "$JS")) or message.reply.startswith("$JS.ACK"):
            return  # of JetStream's own: what was published already, on its way to a consumer
        kind = ".".join(message.subject.split(".")[:2])
        headers = sum(len(name) + len(value) + 4 for name, value in (message.headers or {}).items())
        self.seen[f"{kind} messages"] += 1
        self.seen[f"{kind} bytes"] += len(message.data) + headers


async def test_what_a_claim_and_a_proof_cost(
    tmp_path: Path, spreadsheet: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster: Cluster = request.getfixturevalue("postgres_server")
    own = f"{cluster.url}/costs"
    load = os.getloadavg()[0]
    async with world(tmp_path, own, cluster, seed=1) as around:
        exchange = around.exchange
        exchange.patience = SECONDS
        await until(partial(can_issue, exchange), SECONDS, "the issuer has its definition")
        needed = AT_ONCE + COUNT + sum(HOLDS)
        awards = (await make_awards(exchange.issuer, spreadsheet, needed))[-needed:]
        learners = [
            PatientLearner(await exchange.new_graduate(), look=SECONDS, patience=SECONDS)
            for _ in range(AT_ONCE + COUNT)
        ]
        slots = asyncio.Semaphore(AT_ONCE)
        auditor = Auditor(exchange, own)

        async def deed(one: Callable[[], Awaitable[object]]) -> None:
            async with slots:
                await one()

        resting: dict[str, float] = {}

        async def idle() -> dict[str, float]:
            """Processor time a second that each program takes with nothing to do."""
            began, before = time.monotonic(), processor(exchange)
            await asyncio.sleep(IDLE_SECONDS)
            passed = time.monotonic() - began
            return {name: (value - before[name]) / passed for name, value in processor(exchange).items()}

        async def cost_of(what: str, deeds: Sequence[Callable[[], Awaitable[object]]]) -> dict[str, float]:
            before = await standing(own, around.edges, cluster)
            wire = Wire()
            async with wire.listening(exchange):
                course = await run(
                    exchange, learners, [partial(deed, one) for one in deeds],
                    steps=STEPS[what], kills=(), seconds=SECONDS,
                )  # fmt: skip
                assert course.failures == []
                await at_rest(exchange, auditor, learners[:1])
            after = await standing(own, around.edges, cluster)
            cost = {name: (value - before.get(name, 0)) / len(deeds) for name, value in after.items()}
            cost |= {
                f"cpu_ms {name}": 1000 * (value - resting.get(name, 0) * course.together) / len(deeds)
                for name, value in course.cpu.items()
            }
            cost |= {f"nats {name}": value / len(deeds) for name, value in wire.seen.items()}
            cost |= {f"peak_mib {name}": value / 2**20 for name, value in course.peaks.items()}
            return {name: round(value, 2) for name, value in sorted(cost.items()) if value}

        def claims(who: Sequence[PatientLearner]) -> list[Callable[[], Awaitable[object]]]:
            return [partial(one.claim, exchange.issuer, awards.pop().claim_url) for one in who]

        await cost_of(
            "claim", claims(learners[:AT_ONCE])
        )  # what is made once: parsed keys, tails files, connections
        resting |= await idle()
        found: dict[str, object] = {
            "open_wallets": len(learners),
            "idle_ms_a_second": {name: round(1000 * value, 2) for name, value in resting.items()},
            "claim": await cost_of("claim", claims(learners[AT_ONCE:])),
        }
        proofs = [partial(each.prove, exchange.verifier) for each in learners[len(HOLDS) :]]
        await cost_of("prove", proofs[: AT_ONCE - 1])
        found["proof"] = await cost_of("prove", proofs[AT_ONCE - 1 :])
        for one, holds in zip(learners, HOLDS, strict=False):
            for _ in range(1, holds):
                await one.claim(exchange.issuer, awards.pop().claim_url)
        for one in learners:  # what an open store's log holds goes into it
            await one.learner.lock()
        sizes_now = await asyncio.to_thread(stores, exchange.home)
        found["wallet_store_bytes"] = {
            "1 and a proof": sizes_now[len(sizes_now) // 2],
            **{str(holds): size for holds, size in zip(HOLDS, sizes_now[-len(HOLDS) :], strict=True)},
        }
        found["tables"] = await tables(own)
    found |= {"count": COUNT, "load": [round(load, 1), round(os.getloadavg()[0], 1)]}
    with capsys.disabled():
        print(tell(found))  # noqa: T201  what this test is for
    assert found["claim"]
    assert found["proof"]


async def standing(database: str, edges: Mapping[str, Edge], cluster: Cluster) -> dict[str, float]:
    """Bytes and processor time until now."""
    seen: dict[str, float] = {}
    for party, edge in edges.items():
        seen |= {f"wire {party} {kind}": value for kind, value in edge.carried.items()}
    for name in await databases(database):
        seen[f"postgresql_bytes {name}"] = sum(
            size for _, size in (await sizes(f"{database}_{name}")).values()
        )
    seen["cpu_ms postgresql"] = 1000 * cluster.processor_seconds()
    return seen


async def databases(database: str) -> list[str]:
    """What comes after the common beginning of their names."""
    server, _, beginning = database.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        rows = await connection.fetch(
            "SELECT datname FROM pg_database WHERE datname LIKE $1 || '\\_%'", beginning
        )
    finally:
        await connection.close()
    return sorted(row["datname"].removeprefix(f"{beginning}_") for row in rows)


async def sizes(url: str) -> dict[str, tuple[int, int]]:
    """Rows and bytes of each table, its indexes and long values with it."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch(
            "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN "
            "('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        )
        found = {}
        for row in names:
            name = row["name"]
            rows = await connection.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608  from the catalogue
            found[name] = (
                rows,
                await connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", name),
            )
    finally:
        await connection.close()
    return found


async def tables(database: str) -> dict[str, dict[str, tuple[int, int]]]:
    """By database."""
    return {name: await sizes(f"{database}_{name}") for name in await databases(database)}


def tell(found: Mapping[str, object]) -> str:
    """As JSON, written to the file that was asked for."""
    written = json.dumps(found, indent=1)
    if file := os.environ.get("WRITE"):
        Path(file).write_text(written + "\n", encoding="utf-8")
    return written


def stores(home: Path) -> list[int]:
    """Bytes of learners' stores, smallest first."""
    return sorted(file.stat().st_size for file in (home / "wallet-agent").glob("**/wallet/*/sqlite.db"))
