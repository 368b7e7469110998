"""A real trust registry for tests: its app on a free port, its database in a temporary folder, a real NATS server."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from services.trust_registry.main import MIGRATIONS, create_app
from services.trust_registry.settings import Settings
from shared.adapters.guarded_http import GuardedClient
from shared.ports.trust_pins import TrustPin
from tests.support.databases import prepare
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until

HOST = "registry.ujuzi.test"
ADMIN_KEY = "an-admin-key-for-tests-only-0123456789"
ISSUER = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust"
VERIFIER = "did:webvh:QmVerifier:verifier.ujuzi.test:orgs:jobs"


@dataclass(frozen=True)
class Registry:
    """A running registry; `admin` carries the API key, `public` does not."""

    base_url: str
    admin: httpx.AsyncClient
    public: httpx.AsyncClient

    async def post(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        answer = await self.admin.post(path, json=body)
        assert answer.status_code == status, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def entity(self, did: str = ISSUER, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        body = {"names": {"en": "Digital Skills Trust"}, "country": "KE", "dids": [did]}
        return await self.post("/v1/entities", body | changes)

    async def grant(self, entity_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        body = {"action": "issue", "resources": ["*"], "valid_from": "2025-01-01"}
        return await self.post(f"/v1/entities/{entity_id}/authorizations", body | changes)

    async def change(self, authorization_id: str, verb: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return await self.post(
            f"/v1/authorizations/{authorization_id}/{verb}", {"reason": "a test"} | body, 200
        )

    async def about(self) -> dict[str, Any]:
        shown: dict[str, Any] = (await self.public.get("/v1/lists/demo")).json()
        return shown

    async def pin(self) -> TrustPin:
        about = await self.about()
        return TrustPin(url=about["url"], name=about["name"], operator_key=about["operator_key"])

    def client(self) -> GuardedClient:
        return GuardedClient({HOST: self.base_url})


def settings(database_url: str, nats_server: NatsServer, **changes: Any) -> Settings:  # noqa: ANN401 - settings differ in type
    values: dict[str, Any] = {
        "profile": "development",
        "port": 1,
        "base_url": "http://127.0.0.1:1",
        "database_url": database_url,
        "secret_key": base64.b64encode(bytes(32)).decode(),
        "bootstrap_api_key": ADMIN_KEY,
        "nats_url": nats_server.url,
        "nats_user": "registry",
        "nats_password": PASSWORD,
        "did_host": HOST,
        "authority_name": "Skills Quality Authority",
        "territory": "KE",
        "list_name": "demo",
    }
    return Settings(**(values | changes))


@asynccontextmanager
async def running_registry(
    database_url: str,
    nats_server: NatsServer,
    **changes: Any,  # noqa: ANN401 - settings differ in type
) -> AsyncIterator[Registry]:
    """Serve inside the block."""
    await prepare(database_url, MIGRATIONS)
    async with starting_registry(database_url, nats_server, **changes) as registry:
        yield registry


@asynccontextmanager
async def starting_registry(
    database_url: str,
    nats_server: NatsServer,
    **changes: Any,  # noqa: ANN401 - settings differ in type
) -> AsyncIterator[Registry]:
    """The same, with whatever the database is now."""
    async with (
        serving(create_app(settings(database_url, nats_server, **changes))) as base_url,
        httpx.AsyncClient(
            timeout=60, base_url=base_url, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
        ) as admin,
        httpx.AsyncClient(timeout=60, base_url=base_url) as public,
    ):
        yield Registry(base_url, admin, public)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """A real HTTP server for the app, in the test's own event loop."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="on")
    )
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started or task.done(), 30, f"a server listens on port {port}")
        assert server.started, "the app did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/registry.db"
