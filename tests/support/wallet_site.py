"""The wallet's pages over ports in memory, served to a real browser in seconds: no agent, no database, no NATS.

For tests of what happens in the browser; what pages show of real exchanges is tested over `tests/support/wallet.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.app import create_app
from shared.web.pages import Pages
from shared.web.static_files import StaticFiles
from tests.support.asgi_server import serving
from tests.support.fakes import MemoryAnswers, MemoryApiKeys
from tests.support.free_port import free_port
from tests.support.wallet_fakes import (
    Clock,
    MemoryBook,
    MemoryChanges,
    MemoryFacts,
    MemorySealed,
    MemoryStore,
    a_desk,
)
from tests.unit.wallet.test_api import Pins
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.entry.api import ROUTERS, Doors
from wallet.entry.browser import Browsers
from wallet.entry.credential_pages import credential_router
from wallet.entry.frame import Frame
from wallet.entry.home_pages import home_router
from wallet.entry.link_pages import link_router
from wallet.entry.offer_pages import offer_router
from wallet.entry.pages import pages_router
from wallet.entry.phone_pages import OnlyHerOwnBrowser, TellScriptsWhereToGo, phone_router
from wallet.entry.problems import PROBLEMS
from wallet.entry.session_pages import session_router
from wallet.main import STATIC, TEMPLATES
from wallet.use_cases.desk import Locks

IDLE = timedelta(minutes=10)


@dataclass
class Site:
    """Where browsers find it, and what lies behind it; `asked` are requests as they came, method and path."""

    url: str
    app: FastAPI
    frame: Frame
    sealed: MemorySealed
    facts: MemoryFacts
    clock: Clock
    asked: list[str] = field(default_factory=list)

    def store(self, wallet_id: str) -> MemoryStore:
        """What is in a wallet."""
        return self.sealed.stores[wallet_id]


class Noted:
    """ASGI layer that notes what was asked for."""

    def __init__(self, app: ASGIApp, *, asked: list[str]) -> None:
        self._app, self._asked = app, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._asked.append(f"{scope['method']} {scope['path']}")
        await self._app(scope, receive, send)


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    """Serve inside the block."""
    port = free_port()
    url = f"http://localhost:{port}"
    sealed, clock, facts, asked = MemorySealed(), Clock(), MemoryFacts(), list[str]()
    pages, files = Pages(TEMPLATES, product="Ujuzi wallet"), StaticFiles(STATIC)
    frame = Frame(pages, Browsers(url), files)
    app = create_app(
        "Wallet",
        lifespan=lambda _: nullcontext(),
        routers=[
            *ROUTERS,
            pages_router(pages, files),
            files.router(),
            session_router(frame),
            home_router(frame),
            link_router(frame),
            offer_router(frame),
            credential_router(frame),
            phone_router(frame, (TEMPLATES / "sw.js").read_text("utf-8")),
        ],
        ready_checks={},
        find_api_key=MemoryApiKeys({}).find,
        idempotent_answers=MemoryAnswers(),
        problems=PROBLEMS,
    )
    locks = Locks(sealed, MemoryBook(), MemoryOpenWallets(IDLE), MemoryChanges(), clock)
    app.state.doors = Doors(locks, a_desk(facts=facts), Pins(), IDLE)
    frame.install(app)
    app.add_middleware(OnlyHerOwnBrowser, frame=frame)
    app.add_middleware(TellScriptsWhereToGo)
    app.add_middleware(Noted, asked=asked)
    async with serving(app, port):
        yield Site(url, app, frame, sealed, facts, clock, asked)
