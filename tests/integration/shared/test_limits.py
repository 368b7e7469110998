"""A sender of too much reads why it is refused: over a real connection, where a server that just hangs up is not heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress

import httpx
import pytest
from fastapi import APIRouter, Request

from shared.web.app import create_app
from tests.support.asgi_server import serving

LIMIT = 2 * 1024 * 1024
router = APIRouter()


@router.post("/count")
async def count(request: Request) -> int:
    return len(await request.body())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = create_app(
        "Limits", lifespan=lambda _: nullcontext(), routers=[router], ready_checks={}, max_body=LIMIT
    )
    async with serving(app) as url:
        yield url


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b"x" * 65536


@pytest.mark.parametrize("size", [LIMIT + 65536, LIMIT * 8])
async def test_a_body_declared_too_large_gets_its_answer(url: str, size: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(5):
            answer = await client.post(f"{url}/count", content=b"x" * size)
            assert answer.status_code == 413
            assert f"{LIMIT} bytes" in answer.json()["detail"]


async def test_a_body_that_grows_too_large_gets_its_answer(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(5):
            answer = await client.post(f"{url}/count", content=in_pieces(LIMIT + 10 * 65536))
            assert answer.status_code == 413
            assert f"{LIMIT} bytes" in answer.json()["detail"]


async def test_an_endless_body_is_cut_off(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    sent = 0
    with suppress(ConnectionError):
        while sent < 20 * LIMIT:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()
            sent += 65536
    writer.close()
    assert sent < 20 * LIMIT
