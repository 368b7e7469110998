"""What a stock agent's operator writes himself: a web server for its webhooks, and for the files of its status registry."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.responses import FileResponse

from services.launcher.adapters.http_json import wait_for
from services.launcher.domain.exchange import LOOPBACK

type Moment = tuple[str, str, str, str]
"""Agent, topic, what it is about, state."""

_START_SECONDS = 10.0
_ABOUT = {
    "connections": "invitation_msg_id",
    "issue_credential_v2_0": "connection_id",
    "present_proof_v2_0": "connection_id",
}
"""The field by which a controller knows a record."""


class Controller:
    """Hears of every state of every record once, and tells whoever waits for it."""

    def __init__(self, port: int, tails: Path) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self._port = port
        self._tails = tails
        self._moments: dict[Moment, asyncio.Future[dict[str, Any]]] = {}

    async def moment(self, agent: str, topic: str, about: str, state: str) -> dict[str, Any]:
        """Wait until an agent tells of this state; return what it tells."""
        key = (agent, topic, about, state)
        try:
            return await self._moment(key)
        finally:
            self._moments.pop(key, None)

    def _moment(self, key: Moment) -> asyncio.Future[dict[str, Any]]:
        return self._moments.setdefault(key, asyncio.get_running_loop().create_future())

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/webhooks/{agent}/topic/{topic}/")
        async def told(agent: str, topic: str, request: Request) -> Response:
            body = await request.json()
            if topic in _ABOUT and body.get(_ABOUT[topic]):
                moment = self._moment((agent, topic, body[_ABOUT[topic]], body["state"]))
                if not moment.done():
                    moment.set_result(body)
            return Response()

        @app.put("/tails/hash/{name}")
        async def keep(name: str, tails: UploadFile) -> Response:
            (self._tails / Path(name).name).write_bytes(await tails.read())
            return Response(f"{self.url}/tails/hash/{name}")

        @app.get("/tails/hash/{name}")
        async def give(name: str) -> FileResponse:
            return FileResponse(self._tails / Path(name).name)

        return app

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve inside the block."""
        server = _Server(
            uvicorn.Config(self._app(), host=LOOPBACK, port=self._port, log_level="warning", access_log=False)
        )
        serving = asyncio.create_task(server.serve())
        try:
            await wait_for(server.has_started, seconds=_START_SECONDS, what="the controller's web server")
            yield
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    async def has_started(self) -> bool | None:
        return self.started or None

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # the command handles them
        return nullcontext()
