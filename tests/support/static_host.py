"""A static web server: files of a closing bundle at the paths and with the types its manifest says, and nothing else."""

import asyncio
import io
import json
import socket
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.wait import until


def manifest_of(bundle: bytes) -> dict[str, Any]:
    """What the bundle says of itself."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        found: dict[str, Any] = json.loads(opened.read("manifest.json"))
    return found


@asynccontextmanager
async def static_host(bundle: bytes, port: int) -> AsyncIterator[list[str]]:
    """Serve inside the block; gives the paths that were asked for."""
    asked: list[str] = []
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        types = {each["path"]: each["type"] for each in manifest_of(bundle)["files"]}
        files = {path: (opened.read(f"site/{path}"), kind) for path, kind in types.items()}

    async def serve(request: Request) -> Response:
        path = request.path_params["path"]
        asked.append(path)
        if path not in files:
            return Response(status_code=404)
        content, kind = files[path]
        return Response(content, media_type=kind)

    app = Starlette(routes=[Route("/{path:path}", serve)])
    listening: list[socket.socket] = []

    def bound() -> bool:
        """A killed program is gone a moment before all of its threads are, and with them its port."""
        with suppress(OSError):
            listening.append(socket.create_server(("127.0.0.1", port)))
        return bool(listening)

    await until(bound, 30, f"port {port} is free")
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    task = asyncio.create_task(server._serve(listening))
    try:
        await until(lambda: server.started or task.done(), 30, f"a static host listens on port {port}")
        yield asked
    finally:
        server.should_exit = True
        await task
