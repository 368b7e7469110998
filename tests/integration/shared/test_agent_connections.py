"""What reaches an agent over a real connection, and what a missing answer is called."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from shared.adapters.acapy_client import AcapyClient, AgentUnavailable, Connections, in_path
from tests.support.free_port import free_port

KEY = "did:webvh:Q:host%3A8400:a"


@dataclass
class Agent:
    url: str
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    port = free_port()
    served = Agent(f"http://127.0.0.1:{port}")

    async def answer(request: web.Request) -> web.Response:
        served.paths.append(request.raw_path)
        served.bodies.append(await request.read())
        if request.path == "/elsewhere":
            raise web.HTTPFound("/here")
        if request.path == "/cut" and request.transport is not None:
            request.transport.abort()
        answer = web.json_response({"cookies": sorted(request.cookies)})
        answer.set_cookie("session", "somebody")
        return answer

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield served
    await runner.cleanup()


async def test_paths_queries_and_bodies_arrive_as_they_were_written(agent: Agent) -> None:
    async with AcapyClient(agent.url, "key") as client:
        await client.get(f"/x/{in_path(KEY)}", params={"schema": KEY, "all": True})
        await client.post("/y", {"name": "Zoë & co"})
    assert agent.paths == [
        "/x/did%253Awebvh%253AQ%253Ahost%25253A8400%253Aa?schema=did%3Awebvh%3AQ%3Ahost%253A8400%3Aa&all=true",
        "/y",
    ]
    assert agent.bodies == [b"", '{"name":"Zoë & co"}'.encode()]


async def test_one_tenants_cookies_never_reach_another_and_no_redirection_is_followed(agent: Agent) -> None:
    async with AcapyClient(agent.url, "key") as client:
        assert await client.with_token("one").get("/x") == {"cookies": []}
        assert await client.with_token("other").get("/x") == {"cookies": []}
    connections = Connections()
    assert (await connections("GET", f"{agent.url}/elsewhere", {}, None, 5)).status == 302
    await connections.close()
    assert agent.paths == ["/x", "/x", "/elsewhere"]


async def test_an_answer_that_does_not_come_may_come_later(agent: Agent) -> None:
    async with AcapyClient(agent.url, "key") as client:
        with pytest.raises(AgentUnavailable, match="no answer: ServerDisconnectedError"):
            await client.post("/cut")
    async with AcapyClient(f"http://127.0.0.1:{free_port()}", "key") as client:
        with pytest.raises(AgentUnavailable, match="no answer: ClientConnectorError"):
            await client.get("/x")
