"""Proxies before the parties' public addresses: what one party sends another can be cut off, lost, doubled or late."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Literal

from tests.support.free_port import free_port

LATEST = 4.0
"""Seconds an envelope is held up at most; longer than it takes the next one to overtake it."""
_HOST = "127.0.0.1"
_DIDCOMM = b"POST /didcomm "

type Mood = Literal["away", "deaf", "doubling", "late"]
"""How an edge treats what comes.

away: nobody answers, sooner or later (a partition).
deaf: it arrives, but the sender never learns that it did, and sends it again.
doubling: each envelope arrives twice, the second time a little later.
late: each envelope is held up for another while, so that later ones overtake it.
"""


class Edge:
    """One party's public address; passes on to `upstream`, a port on this machine."""

    def __init__(self, upstream: int, drawn: random.Random) -> None:
        self.port = free_port()
        self.counted: dict[Mood, int] = {}
        """What was done to how many."""
        self.carried: Counter[str] = Counter()
        """Bytes of requests and answers, by the first part of the path; `NAME requests` says how many."""
        self._upstream = upstream
        self._drawn = drawn
        self._mood: Mood | None = None
        self._until = 0.0
        self._copies: set[asyncio.Task[bytes]] = set()

    def be(self, mood: Mood, seconds: float) -> None:
        """Treat what comes so, for so long."""
        self._mood, self._until = mood, asyncio.get_running_loop().time() + seconds

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen inside the block."""
        server = await asyncio.start_server(self._answer, _HOST, self.port)
        try:
            yield
        finally:
            server.close()
            for copy in self._copies:
                copy.cancel()
            await asyncio.gather(*self._copies, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request for each connection: whoever wants more makes another."""
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                request = await _request(reader)
                writer.write(await self._treat(request))
                await writer.drain()
        finally:
            writer.close()

    async def _treat(self, request: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        left = self._until - loop.time()
        mood = self._mood if left > 0 else None
        if mood == "away":
            self._count(mood)
            await asyncio.sleep(left if self._drawn.random() < 0.5 else 0)
            return b""
        if not request.startswith(_DIDCOMM) or mood is None:
            return await self._passed(request)
        self._count(mood)
        pause = self._drawn.uniform(0.0, LATEST)
        match mood:
            case "doubling":
                copy = asyncio.create_task(self._passed(request, after=pause))
                self._copies.add(copy)
                copy.add_done_callback(self._copies.discard)
            case "late":
                return await self._passed(request, after=pause)
            case "deaf":
                await self._passed(request)
                return b""
        return await self._passed(request)

    def _count(self, mood: Mood) -> None:
        self.counted[mood] = self.counted.get(mood, 0) + 1

    async def _passed(self, request: bytes, *, after: float = 0.0) -> bytes:
        """The whole answer; nothing if there is none."""
        await asyncio.sleep(after)
        try:
            reader, writer = await asyncio.open_connection(_HOST, self._upstream)
        except OSError:
            return b""
        try:
            writer.write(request)
            await writer.drain()
            answer = await reader.read(-1)
        except OSError:
            return b""
        finally:
            writer.close()
        kind = request.split(b" ", 2)[1].decode().split("/")[1].partition("?")[0]
        self.carried[kind] += len(request) + len(answer)
        self.carried[f"{kind} requests"] += 1
        return answer


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    names = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
    body = await reader.readexactly(int(names.get(b"content-length", b"0")))
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close", b"", body])


@asynccontextmanager
async def edges_before(upstreams: Mapping[str, int], seed: int) -> AsyncIterator[dict[str, Edge]]:
    """An edge for each party, by its name; what each draws depends on the seed and on the party alone."""
    edges = {
        party: Edge(port, random.Random(f"{seed} {party}"))  # noqa: S311  to be had again, not to be secret
        for party, port in upstreams.items()
    }
    async with AsyncExitStack() as stack:
        for edge in edges.values():
            await stack.enter_async_context(edge.open())
        yield edges


def sums(edges: Iterable[Edge]) -> dict[Mood, int]:
    """What was done to how many, at all edges together."""
    added: dict[Mood, int] = {}
    for edge in edges:
        for mood, number in edge.counted.items():
            added[mood] = added.get(mood, 0) + number
    return added
