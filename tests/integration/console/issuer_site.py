"""An issuer with a console, as browsers reach it: all real but its agent, which is away."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from playwright.async_api import Page

from issuer.main import MIGRATIONS, console_of, create_app
from issuer.settings import Settings
from shared.adapters.sql import Database
from shared.web.manage_members import Invitation
from tests.support.browser import LAPTOP, Browser, joined
from tests.support.databases import prepare
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until

OPERATORS_KEY = "an-operators-key-for-tests-only-0123456789"
FIRST, SECOND = "umoja", "elimu"


@dataclass(frozen=True)
class IssuerSite:
    """A running issuer with two organisations; `url` is where browsers open it."""

    url: str
    settings: Settings
    db: Database

    async def invite(self, organisation: str | None, name: str, email: str, *roles: str) -> Invitation:
        """What the operator's command does."""
        return (
            await console_of(self.settings, self.db)
            .manage.of(organisation)
            .let_in(name=name, email=email, roles=frozenset(roles))
        )

    def program(self, key: str = OPERATORS_KEY) -> httpx.AsyncClient:
        """A program with this key."""
        return httpx.AsyncClient(
            base_url=self.settings.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    async def signed_in(
        self, browser: Browser, made: Invitation, *, width: int = LAPTOP, language: str = "en"
    ) -> Page:
        """A page of whoever was invited."""
        return await joined(browser, made.url, width=width, language=language)


@asynccontextmanager
async def running_issuer(
    database_url: str, nats_server: NatsServer, **changes: object
) -> AsyncIterator[IssuerSite]:
    """Serve inside the block."""
    await prepare(database_url, MIGRATIONS)
    port = free_port()
    told = Settings.model_validate(
        {
            "profile": "development",
            "port": port,
            "base_url": f"http://127.0.0.1:{port}",
            "database_url": database_url,
            "secret_key": base64.b64encode(os.urandom(32)).decode(),
            "bootstrap_api_key": OPERATORS_KEY,
            "nats_url": nats_server.url,
            "nats_user": "issuer",
            "nats_password": PASSWORD,
            "host_map": {"issuer.ujuzi.test": f"http://127.0.0.1:{port}"},
            "agent_url": f"http://127.0.0.1:{free_port()}",
            "agent_key": "key",
            "did_host": "issuer.ujuzi.test",
            "organisation_name": "Umoja Skills Trust",
            "organisation_slug": FIRST,
            "organisation_country": "KE",
            **changes,
        }
    )
    server = uvicorn.Server(
        uvicorn.Config(create_app(told), host="127.0.0.1", port=port, log_level="critical", lifespan="on")
    )
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started or task.done(), 30, f"a server listens on port {port}")
        async with Database(database_url) as db:
            site = IssuerSite(f"http://localhost:{port}", told, db)
            async with site.program() as operator:

                async def second() -> bool:
                    new = {"slug": SECOND, "name": "Elimu kwa Wote", "country": "TZ"}
                    return (await operator.post("/v1/organisations", json=new)).status_code == 201

                await until(second, 30, "the second organisation is made")
            yield site
    finally:
        server.should_exit = True
        await task
