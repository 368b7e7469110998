"""The wallet as `wallet.main` wires it, over ports in memory, served to a real browser in seconds: no agent, no database, no NATS.

For tests of what happens in the browser; what pages show of real exchanges is tested over `tests/support/wallet.py`.
"""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.audit import NoteDeeds
from shared.web.idempotency import AnswerOnce
from tests.support.asgi_server import serving
from tests.support.fakes import MemoryAnswers
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
from wallet.entry.api import Doors
from wallet.entry.frame import Frame
from wallet.entry.phone_pages import OnlyHerOwnBrowser
from wallet.main import create_app
from wallet.settings import Settings
from wallet.use_cases.desk import Locks

IDLE = timedelta(minutes=10)


@dataclass
class Site:
    """Where browsers find it, and what lies behind it; `asked` are requests as they came, method and path."""

    url: str
    port: int
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
async def running_site(*, behind: int | None = None) -> AsyncIterator[Site]:
    """Serve inside the block; `behind` is the port under which browsers know it, if that is another one."""
    port = free_port()
    url = f"http://localhost:{behind or port}"
    sealed, clock, facts, asked = MemorySealed(), Clock(), MemoryFacts(), list[str]()
    app = create_app(_settings(url, port))
    layers: dict[object, Any] = {each.cls: each for each in app.user_middleware}
    app.user_middleware.remove(layers.pop(NoteDeeds))
    layers[AnswerOnce].kwargs["answers"] = MemoryAnswers()
    frame: Frame = layers[OnlyHerOwnBrowser].kwargs["frame"]
    book = MemoryBook()
    locks = Locks(sealed, book, MemoryOpenWallets(IDLE, book), MemoryChanges(), clock)
    app.state.doors = Doors(locks, a_desk(facts=facts), Pins(), IDLE)
    app.add_middleware(Noted, asked=asked)
    async with serving(app, port):
        yield Site(url, port, app, frame, sealed, facts, clock, asked)


def _settings(url: str, port: int) -> Settings:
    """Addresses at which nothing is: the ports are in memory."""
    return Settings(
        profile="development",
        port=port,
        base_url=url,
        database_url="sqlite:////nowhere/wallet.db",
        secret_key=base64.b64encode(b"s" * 32).decode(),
        nats_url="nats://127.0.0.1:1",
        nats_user="wallet",
        nats_password="unused",
        agent_url="http://127.0.0.1:1",
        agent_key="unused",
    )
