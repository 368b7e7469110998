"""An edge does to what passes what it is told to, and counts it."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.asgi_server import serving
from tests.support.edges import LATEST, Edge
from tests.support.free_port import free_port
from tests.support.wait import until

LONG = 60.0


@dataclass
class Party:
    """What came through, and the edge it came through."""

    edge: Edge
    came: list[bytes] = field(default_factory=list)

    async def send(self, envelope: bytes) -> int:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.post(f"http://127.0.0.1:{self.edge.port}/didcomm", content=envelope)
            return answer.status_code


@pytest.fixture
async def party() -> AsyncIterator[Party]:
    port = free_port()
    one = Party(Edge(port, random.Random(1)))  # noqa: S311  to be had again

    async def receive(request: Request) -> Response:
        one.came.append(await request.body())
        return Response(status_code=202)

    async with (
        serving(Starlette(routes=[Route("/didcomm", receive, methods=["POST"])]), port),
        one.edge.open(),
    ):
        yield one


async def test_an_edge_left_alone_passes_everything_on(party: Party) -> None:
    assert await party.send(b"a" * 100_000) == 202
    assert party.came == [b"a" * 100_000]
    assert party.edge.counted == {}


async def test_nobody_answers_while_it_is_away_and_all_do_afterwards(party: Party) -> None:
    party.edge.be("away", 0.5)
    with pytest.raises(httpx.RemoteProtocolError):
        await party.send(b"lost")

    async def passes() -> bool:
        try:
            return await party.send(b"kept") == 202
        except httpx.RemoteProtocolError:
            return False

    await until(passes, 30, "the edge is back")
    assert party.came == [b"kept"]


async def test_what_a_deaf_edge_is_told_arrives_without_an_answer(party: Party) -> None:
    party.edge.be("deaf", LONG)
    with pytest.raises(httpx.RemoteProtocolError):
        await party.send(b"said")
    assert party.came == [b"said"]


async def test_a_doubling_edge_says_it_twice(party: Party) -> None:
    party.edge.be("doubling", LONG)
    assert await party.send(b"twice") == 202
    await until(lambda: party.came == [b"twice", b"twice"], LATEST + 5, "it came twice")
    assert party.edge.counted == {"doubling": 1}


async def test_a_late_edge_answers_in_the_end(party: Party) -> None:
    party.edge.be("late", LONG)
    assert await party.send(b"late") == 202
    assert party.came == [b"late"]
    assert party.edge.counted == {"late": 1}
