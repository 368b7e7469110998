"""An agent that cannot start yet ends, says why, and starts when its supervisor tries again."""

import asyncio
from pathlib import Path

import pytest

from tests.support.agents import AgentProcess
from tests.support.free_port import free_port
from tests.support.nats_server import NatsServer
from tests.support.postgres import Cluster

ENDS_WITHIN = 60.0


@pytest.mark.parametrize("away", ["NATS", "its database"])
async def test_an_agent_without_what_it_needs_ends_and_starts_when_tried_again(
    tmp_path: Path, nats_server: NatsServer, servers: Cluster, away: str
) -> None:
    part = nats_server if away == "NATS" else servers
    endpoint = f"http://127.0.0.1:{free_port()}/didcomm"
    agent = AgentProcess(
        "verifier", tmp_path, nats=nats_server, endpoint=endpoint, host_map={}, **store(servers, away)
    )
    part.stop()
    try:
        agent.spawn()
        assert await asyncio.to_thread(agent.wait, ENDS_WITHIN) == 1
        assert "The agent did not start: " in agent.tail()
    finally:
        part.start()
    agent.spawn()
    try:
        await agent.ready()
    finally:
        agent.stop()


def store(servers: Cluster, away: str) -> dict[str, str]:
    """Where the agent makes a database of its own, under a key of its own."""
    name = "without_nats" if away == "NATS" else "without_database"
    return {"AGENT_DATABASE_URL": f"{servers.url.replace('ujuzi@', 'ujuzi:unused@')}/{name}"}
