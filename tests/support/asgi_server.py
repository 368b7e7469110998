"""A real HTTP server for one ASGI app, in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from tests.support.free_port import free_port
from tests.support.wait import until


@asynccontextmanager
async def serving(app: ASGIApp, port: int | None = None) -> AsyncIterator[str]:
    """Serve inside the block, without running the app's lifespan; gives the base URL."""
    chosen = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=chosen, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())  # serve() would take over the signals of the test process
    try:
        await until(lambda: server.started or task.done(), 30, f"a server listens on port {chosen}")
        yield f"http://127.0.0.1:{chosen}"
    finally:
        server.should_exit = True
        await task
