"""A registry with a console, as browsers reach it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from services.trust_registry.main import MIGRATIONS, console_of, create_app
from services.trust_registry.settings import Settings
from shared.adapters.sql import Database
from shared.adapters.sql_audit import SqlAuditLog
from shared.ports.audit import AuditEntry
from shared.web.manage_members import Invitation
from tests.integration.trust.registry import settings
from tests.support.databases import prepare
from tests.support.free_port import free_port
from tests.support.nats_server import NatsServer
from tests.support.wait import until


@dataclass(frozen=True)
class Site:
    """A running registry; `url` is where browsers open it."""

    url: str
    settings: Settings
    db: Database

    async def invite(
        self, name: str = "Amina Odhiambo", email: str = "amina@example.org", role: str = "admin"
    ) -> Invitation:
        """What the operator's command does."""
        return await console_of(self.settings, self.db).manage.let_in(
            name=name, email=email, roles=frozenset({role})
        )

    async def audit(self) -> list[AuditEntry]:
        return list(await SqlAuditLog(self.db).entries(after=None, limit=500))


@asynccontextmanager
async def running_site(database_url: str, nats_server: NatsServer, **changes: object) -> AsyncIterator[Site]:
    """Serve inside the block."""
    await prepare(database_url, MIGRATIONS)
    port = free_port()
    given = settings(database_url, nats_server, base_url=f"http://127.0.0.1:{port}", port=port, **changes)
    server = uvicorn.Server(
        uvicorn.Config(create_app(given), host="127.0.0.1", port=port, log_level="critical", lifespan="on")
    )
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started or task.done(), 30, f"a server listens on port {port}")
        async with Database(database_url) as db, httpx.AsyncClient(timeout=60) as client:

            async def ready() -> bool:
                return (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200

            await until(ready, 30, "the registry is ready")
            yield Site(f"http://localhost:{port}", given, db)
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def site(database_url: str, nats_server: NatsServer) -> AsyncIterator[Site]:
    """A registry on SQLite and on PostgreSQL."""
    async with running_site(database_url, nats_server) as running:
        yield running
