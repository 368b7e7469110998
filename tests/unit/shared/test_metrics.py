"""What is counted, and told on a port of its own: by templates and words of ours, never by ids."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import REGISTRY

from services.agent.settings import Settings as AgentSettings
from shared.adapters.prometheus import Metrics, MetricsPortTaken
from shared.contracts.errors import UjuziError
from shared.ports.metrics import DISK_FREE, STREAM_MESSAGES, Reading
from shared.web.app import create_app
from shared.web.settings import CommonSettings
from tests.support.free_port import free_port

TOKEN = "f00d-claim-token-of-a-learner"


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def claim_route() -> APIRouter:
    router = APIRouter()

    @router.post("/test-claim/{token}")
    async def claim(token: str) -> str:
        if token == "broken":
            raise ZeroDivisionError
        return token

    return router


def counted(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("ujuzi_http_requests_total", labels) or 0.0


async def told_on(port: int) -> str:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    assert answer.status_code == 200
    return answer.text


async def no_room() -> Sequence[Reading]:
    raise UjuziError("the disk is gone")


async def two_streams() -> Sequence[Reading]:
    return [Reading(STREAM_MESSAGES, 3, {"stream": "A"}), Reading(STREAM_MESSAGES, 4, {"stream": "B"})]


async def test_requests_are_counted_by_their_routes_template_and_never_by_path() -> None:
    app = create_app("test", lifespan=nothing, routers=[claim_route()], ready_checks={})
    route = "/test-claim/{token}"
    before = counted("POST", "none", "404"), counted("other", "none", "404")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.post(f"/test-claim/{TOKEN}?name=Amina")
        await client.post("/test-claim/broken")
        await client.post(f"/test-nothing/{TOKEN}")
        await client.request("AMINA", f"/test-nothing/{TOKEN}")
    assert counted("POST", route, "200") == 1
    assert counted("POST", route, "500") == 1
    assert counted("POST", "none", "404") == before[0] + 1
    assert counted("other", "none", "404") == before[1] + 1
    labels = {
        value for family in REGISTRY.collect() for one in family.samples for value in one.labels.values()
    }
    assert not [value for value in labels if TOKEN in value or "Amina" in value.title()]


async def test_a_scrape_measures_and_what_cannot_be_measured_says_so() -> None:
    port = free_port()
    async with Metrics("127.0.0.1", port).also(streams=two_streams, room=no_room).served():
        told = await told_on(port)
    assert 'ujuzi_stream_messages{stream="A"} 3.0' in told
    assert 'ujuzi_stream_messages{stream="B"} 4.0' in told
    assert 'ujuzi_measured{measure="streams"} 1.0' in told
    assert 'ujuzi_measured{measure="room"} 0.0' in told
    assert DISK_FREE.name not in told
    assert "process_resident_memory_bytes" in told


async def test_checks_of_ready_are_told_also_while_the_service_cannot_start() -> None:
    port, waits = free_port(), asyncio.Event()

    async def away() -> None:
        raise UjuziError("not there")

    @asynccontextmanager
    async def starting(_app: FastAPI) -> AsyncIterator[None]:
        told.append(await told_on(port))
        waits.set()
        yield

    told: list[str] = []
    app = create_app(
        "test",
        lifespan=starting,
        routers=[],
        ready_checks={"database": away, "nats": _fine},
        metrics=Metrics("127.0.0.1", port),
    )
    async with app.router.lifespan_context(app):
        assert waits.is_set()
    assert 'ujuzi_check_ok{check="database"} 0.0' in told[0]
    assert 'ujuzi_check_ok{check="nats"} 1.0' in told[0]


async def _fine() -> None:
    """A part that is there."""


async def test_without_a_port_nothing_is_measured() -> None:
    asked: list[str] = []

    async def measure() -> Sequence[Reading]:
        asked.append("asked")
        return []

    before = asyncio.all_tasks()
    async with Metrics("127.0.0.1", None).also(it=measure).served():
        assert asyncio.all_tasks() == before
    assert not asked


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(MetricsPortTaken, match=re.escape(f"127.0.0.1:{port}")):
            async with Metrics("127.0.0.1", port).served():
                pytest.fail("served on a port that is taken")


async def test_it_is_served_at_its_own_address_only_and_that_is_this_machine_unless_said() -> None:
    assert CommonSettings.model_fields["metrics_host"].default == "127.0.0.1"
    assert AgentSettings.model_fields["metrics_host"].default == "127.0.0.1"
    port = free_port()
    async with Metrics("127.0.0.1", port).served():
        await told_on(port)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)


async def test_the_public_port_does_not_tell() -> None:
    app = create_app("test", lifespan=nothing, routers=[], ready_checks={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/metrics")).status_code == 404
