"""Each row of docs/operations.md, "What happens when a part is away", for wallet and verifier, over real agents.

Both agents run for all of these tests. They are reached through a door that is closed for a while; NATS and the databases
are really stopped.
"""

import asyncio
import base64
import os
import random
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

import verifier.main
import verifier.settings
import wallet.main
import wallet.settings
from shared.adapters.acapy_client import AcapyClient
from shared.vc import jws
from shared.vc.keys import SigningKey
from shared.vc.wallet_lock import wrap
from tests.integration.outages.parts import (
    SECONDS,
    Service,
    done,
    full,
    hanging,
    is_refused,
    locked,
    ready,
    refused,
    said,
    stopped,
    unready,
)
from tests.integration.trust.registry import ADMIN_KEY, HOST, running_registry, serving, sqlite_url
from tests.support import agents
from tests.support.agents import AgentProcess
from tests.support.edges import Edge
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer, running_nats
from tests.support.postgres import Cluster
from tests.support.wait import until
from tests.support.wallet import invitation_by
from tests.unit.verifier.test_requirement import BODY

SIGNER_AWAY = "did:webvh:Qmb66snST7U2eS1n233PVYjfhqy132FrvrtB4MBBqveLmZ:away.ujuzi.test"


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsServer]:
    with running_nats() as server:
        yield server


@pytest.fixture(scope="module")
async def processes(
    nats: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, AgentProcess]]:
    """The agents of wallet and verifier."""
    folder = tmp_path_factory.mktemp("agents")
    endpoint = f"http://127.0.0.1:{free_port()}/didcomm"
    made = {
        "wallet": AgentProcess("wallet", folder / "wallet", nats=nats, endpoint=endpoint, host_map={}),
        "verifier": AgentProcess("verifier", folder / "verifier", nats=nats, endpoint=endpoint, host_map={}),
    }
    for agent in made.values():
        agent.spawn()
    try:
        await asyncio.gather(*(agent.ready() for agent in made.values()))
        yield made
    finally:
        for agent in made.values():
            agent.stop()


@dataclass
class BehindAgent(Service):
    """A service whose agent is reached through `door`."""

    door: Edge
    opened: AsyncExitStack
    """Keeps the door open."""
    kept: Path
    """Where the agent keeps its stores, each in a folder."""
    registry: int
    """The port at which the trust registry is to be."""

    @asynccontextmanager
    async def agent_away(self) -> AsyncIterator[None]:
        await self.opened.aclose()
        try:
            yield
        finally:
            await self.opened.enter_async_context(self.door.open())

    def stores(self) -> set[str]:
        """The learners' stores that the agent keeps."""
        return {store.name for store in self.kept.iterdir()}


@pytest.fixture(params=["wallet", "verifier"])
async def service(
    request: pytest.FixtureRequest, url: str, nats: NatsServer, processes: dict[str, AgentProcess]
) -> AsyncIterator[BehindAgent]:
    agent, registry = processes[request.param], free_port()
    async with AsyncExitStack() as stack, AsyncExitStack() as opened:
        door = Edge(agent.port, random.Random(1))  # noqa: S311  nothing secret
        await opened.enter_async_context(door.open())
        settings: dict[str, Any] = {
            "profile": "development",
            "port": 1,
            "base_url": "http://127.0.0.1:1",
            "database_url": url,
            "secret_key": base64.b64encode(os.urandom(32)).decode(),
            "bootstrap_api_key": ADMIN_KEY,
            "nats_url": nats.url,
            "nats_user": request.param,
            "nats_password": PASSWORD,
            "agent_url": f"http://127.0.0.1:{door.port}",
            "agent_key": agents.ADMIN_KEY,
            "host_map": {
                HOST: f"http://127.0.0.1:{registry}",
                "away.ujuzi.test": f"http://127.0.0.1:{free_port()}",
            },
        }
        if request.param == "wallet":
            app = wallet.main.create_app(wallet.settings.Settings(**settings))
            deed, table, reads = make_wallet(), "wallets", "/v1/trust-lists"
        else:
            organisation: dict[str, Any] = {
                "did_host": "verifier.ujuzi.test",
                "organisation_name": "Jobs",
                "organisation_slug": "jobs",
                "organisation_country": "KE",
            }
            app = verifier.main.create_app(verifier.settings.Settings(**settings, **organisation))
            deed, table, reads = make_request, "request", "/v1/requests"
        base_url = await stack.enter_async_context(serving(app))
        kept = agent.folder / "store" / "wallet"
        service = BehindAgent(base_url, url, deed, table, reads, door, opened, kept, registry)
        async with service.caller() as caller:
            await ready(caller)
        yield service


async def make_request(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post("/v1/requests", json=BODY, headers={"Idempotency-Key": "the same"})


def make_wallet() -> Callable[[httpx.AsyncClient], Any]:
    """Without a key for repetition, so that the agent is asked before the database is found away."""
    key = secrets.token_bytes(32)
    method = {"method": "passphrase", "envelope": wrap(key, "a passphrase")}
    body = {"wallet_key": base64.urlsafe_b64encode(key).decode().rstrip("="), "unlock_methods": [method]}

    async def post(caller: httpx.AsyncClient) -> httpx.Response:
        return await caller.post("/v1/wallets", json=body)

    return post


only = pytest.mark.parametrize
on_sqlite = only("url", ["sqlite"], indirect=True)


@only("url", ["postgresql"], indirect=True)
@only("how", [stopped, hanging], ids=["stopped", "hanging"])
async def test_without_its_database_nothing_is_stored_here_or_at_the_agent(
    service: BehindAgent, servers: Cluster, how: Callable[[Cluster], Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with service.caller() as caller:
        rows, stores = await service.rows(), service.stores()
        caplog.clear()
        with how(servers):
            await refused(caller, service)
            await unready(caller, "database")
        assert (await service.rows(), service.stores()) == (rows, stores)
        await done(caller, service)
        assert await service.rows() > rows
    assert said(caplog, "the database") == ["away", "back"]


@on_sqlite
@only("how", [locked, full], ids=["locked", "disk full"])
async def test_while_its_file_cannot_be_written_nothing_is_stored_here_or_at_the_agent(
    service: BehindAgent, tmp_path: Path, how: Callable[[Path], Any]
) -> None:
    async with service.caller() as caller:
        rows, stores = await service.rows(), service.stores()
        async with how(tmp_path / "service.db"):
            await refused(caller, service)
            assert (await caller.get(service.reads)).status_code == 200
        assert (await service.rows(), service.stores()) == (rows, stores)
        await done(caller, service)
        assert await service.rows() > rows


@on_sqlite
@only("how", [stopped, hanging], ids=["stopped", "hanging"])
async def test_without_nats_wallets_and_requests_are_made(
    service: BehindAgent, nats: NatsServer, how: Callable[[NatsServer], Any]
) -> None:
    async with service.caller() as caller:
        with how(nats):
            made = await service.deed(caller)
            assert made.status_code == 201, made.text
            await unready(caller, "nats")
        await ready(caller)


@on_sqlite
async def test_without_its_agent_nothing_is_stored_and_the_same_request_succeeds_when_it_is_back(
    service: BehindAgent, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.caller() as caller:
        rows, stores = await service.rows(), service.stores()
        caplog.clear()
        async with service.agent_away():
            await refused(caller, service, "the agent")
            await unready(caller, "agent")
            assert (await caller.get(service.reads)).status_code == 200
            assert await service.rows() == rows
        assert service.stores() == stores
        await done(caller, service)
    assert said(caplog, "the agent") == ["away", "back"]


@on_sqlite
@only("service", ["wallet"], indirect=True)
async def test_without_its_agent_a_wallet_is_locked_at_once_and_closed_there_when_it_is_back(
    service: BehindAgent, processes: dict[str, AgentProcess]
) -> None:
    async with AcapyClient(processes["verifier"].url, agents.ADMIN_KEY) as sender:
        link = (await invitation_by(sender)).url
    async with service.caller() as caller:
        made = (await service.deed(caller)).json()
        hers = {"Authorization": f"Bearer {made['session_token']}"}
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        async with service.agent_away():
            for answer in (
                await caller.post(f"/v1/wallets/{made['wallet_id']}/unlock", json={"wallet_key": key}),
                await caller.post("/v1/invitations", json={"url": link}, headers=hers),
                await caller.get("/v1/offers", headers=hers),
                await caller.post(f"/v1/requests/{uuid4()}/consent", json={"choices": {}}, headers=hers),
                await caller.post("/v1/lock", headers=hers),
            ):
                is_refused(answer, "the agent")
            assert (await caller.get("/v1/offers", headers=hers)).status_code == 423
            assert await service.rows("sessions") == 1  # to be closed at the agent

        async def closed() -> bool:
            return bool((await caller.get(f"/v1/wallets/{made['wallet_id']}")).json()["state"] == "locked")

        async def no_session() -> bool:
            return await service.rows("sessions") == 0

        await until(closed, SECONDS, "the wallet is closed at the agent")
        await until(no_session, SECONDS, "its session is forgotten")


@on_sqlite
async def test_a_trust_registry_that_is_away_is_looked_at_by_itself_when_it_is_there(
    service: BehindAgent, tmp_path: Path, nats: NatsServer
) -> None:
    async with service.caller() as caller, running_registry(sqlite_url(tmp_path), nats) as registry:
        pin = await registry.pin()
        wanted = {"url": pin.url, "name": pin.name, "operator_key": pin.operator_key}
        pinned = await caller.post("/v1/trust-lists", json=wanted)
        assert pinned.status_code == 201, pinned.text
        assert pinned.json()["state"] == "unreachable"
        door = Edge(int(registry.base_url.rsplit(":", 1)[1]), random.Random(1))  # noqa: S311  nothing secret
        door.port = service.registry
        async with door.open():

            async def seen() -> bool:
                (found,) = (await caller.get("/v1/trust-lists")).json()["items"]
                return bool(found["state"] == "fresh")

            await until(seen, SECONDS, "the list is there")


@on_sqlite
@only("service", ["verifier"], indirect=True)
async def test_a_receipt_whose_signers_host_is_away_is_checked_later(service: BehindAgent) -> None:
    signed = jws.sign({"iss": SIGNER_AWAY}, key=SigningKey.generate(), kid=f"{SIGNER_AWAY}#key", typ="x")
    async with service.caller() as caller:
        answer = await caller.post("/v1/receipts/check", json={"receipt": signed})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "The host of the DID that signed it cannot be had now" in answer.json()["detail"]
