"""A wallet installation of two shards and two replicas: two agents with stores of their own, two services over PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import httpx

from services.launcher.adapters.http_json import JsonApi
from services.launcher.adapters.http_learner import HttpLearner
from shared.contracts.streams import MAIN_SHARD
from tests.support.agents import AgentProcess, serving
from tests.support.free_port import free_port
from tests.support.nats_server import running_nats
from tests.support.wallet import World, wallet_service
from wallet.main import create_app

FURTHER = "b"


@dataclass
class Installation:
    """Its agents by shard, and the world's issuer and verifier to deal with."""

    world: World
    agents: dict[str, AgentProcess]
    replicas: tuple[str, ...] = ()
    """Their URLs; the world's client meets them in turn."""

    @property
    def admin(self) -> JsonApi:
        """The service, as its operator calls it."""
        return self.world.admin

    async def shards(self) -> dict[str, dict[str, object]]:
        """What `GET /v1/capacity` says of each."""
        return {one["shard"]: one for one in (await self.admin.get("/v1/capacity"))["shards"]}

    async def learner_in(self, shard: str) -> HttpLearner:
        """One whose wallet the service put there."""
        while True:
            before = (await self.shards())[shard]["wallets"]
            learner = await self.world.new_learner()
            if (await self.shards())[shard]["wallets"] != before:
                return learner


class InTurn(httpx.AsyncHTTPTransport):
    """Brings each request to the next replica, as a load balancer that knows no sessions."""

    def __init__(self, ports: Sequence[int]) -> None:
        super().__init__()
        self._ports = cycle(ports)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=next(self._ports))
        return await super().handle_async_request(request)


@asynccontextmanager
async def two_shards(world: World, folder: Path, database: str) -> AsyncIterator[Installation]:
    """Beside the world's own wallet service, and with its issuer, verifier and list."""
    async with AsyncExitStack() as stack:
        nats = stack.enter_context(running_nats())
        main, settings = wallet_service(folder / MAIN_SHARD, nats, world.settings.host_map)
        further = AgentProcess(
            "wallet",
            folder / FURTHER,
            nats=nats,
            endpoint=f"{settings.base_url}/didcomm",
            host_map=world.settings.host_map,
            AGENT_SHARD=FURTHER,
        )
        installation = Installation(world, {MAIN_SHARD: main, FURTHER: further})
        for agent in installation.agents.values():
            agent.spawn()
            stack.callback(agent.stop)
        for agent in installation.agents.values():
            await agent.ready()
        settings = settings.model_copy(
            update={"agents": {FURTHER: further.url}, "database_url": database, "idle_minutes": 240}
        )
        ports = (settings.port, free_port())
        for port in ports:
            replica = settings.model_copy(update={"port": port})
            await stack.enter_async_context(serving(create_app(replica), port))
        installation.replicas = tuple(f"http://127.0.0.1:{port}" for port in ports)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=InTurn(ports)))
        installation.world = replace(
            world, folder=folder, url=settings.base_url, client=client, agent=main, settings=settings
        )
        await installation.admin.post("/v1/trust-lists", world.trust_list)
        yield installation
