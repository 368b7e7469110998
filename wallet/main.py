"""Wires the wallet service together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from uuid6 import uuid7

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.background import running
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.jetstream import Bus, Consumer, Message
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.streams import AGENT_EVENTS
from shared.web.app import create_app as create_web_app
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.serve import serve
from wallet.adapters.acapy_wallet import AcapySealedWallets
from wallet.adapters.memory_wallets import MemoryChanges, MemoryOpenWallets
from wallet.adapters.sql_wallets import SqlWallets
from wallet.adapters.webvh_facts import WebvhFacts
from wallet.entry.agent_events import AgentEvents
from wallet.entry.api import ROUTERS, Doors
from wallet.entry.pages import pages
from wallet.entry.problems import PROBLEMS
from wallet.settings import WalletSettings
from wallet.use_cases.desk import Desk, Locks
from wallet.use_cases.lock_wallet import lock_forgotten_wallets, lock_idle_wallets

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations" / "versions"
IDLE_LOOK_SECONDS = 5.0
RECONCILE_SECONDS = 30.0


def create_app(settings: WalletSettings) -> FastAPI:
    """The wallet service; nothing is opened before the app starts."""
    db = Database(settings.database_url)
    keys = SqlApiKeys(db)
    bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value())
    agent = AcapyClient(settings.agent_url, settings.agent_key.get_secret_value())
    client = GuardedClient(settings.host_map, allow_loopback=settings.development)
    lists = TrustSnapshots(client, SqlTrustPins(db), clock=_now)
    changes = MemoryChanges()
    locks = Locks(
        sealed=AcapySealedWallets(agent),
        book=SqlWallets(db),
        open_wallets=MemoryOpenWallets(settings.idle),
        changes=changes,
        clock=_now,
    )
    desk = Desk(
        facts=WebvhFacts(WebvhResolver(client)), trust=lists, changes=changes, clock=_now, new_id=_new_id
    )
    events = AgentEvents(locks, desk)

    async def on_event(message: Message) -> None:
        await events.handle(message.data)

    async def lock_idle() -> None:
        log.info(
            "locked %d wallets that were open before the restart", await lock_forgotten_wallets(locks=locks)
        )
        while True:
            await asyncio.sleep(IDLE_LOOK_SECONDS)
            locked = await lock_idle_wallets(locks=locks)
            if locked:
                log.info("locked %d wallets nobody used", locked)

    async def reconcile() -> None:
        while True:
            await asyncio.sleep(RECONCILE_SECONDS)
            await events.reconcile()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", ["admin"])
        app.state.doors = Doors(locks=locks, desk=desk, lists=lists, idle=settings.idle)
        async with bus, agent:
            await lists.start()
            await lists.listen(bus.nc)
            async with running(
                events=Consumer(bus.js, AGENT_EVENTS, "wallet-events", ["agent.events.>"], on_event).run,
                sender=DidcommSender(bus.js, client).run,
                lists=lists.run,
                idle=lock_idle,
                reconcile=reconcile,
            ):
                yield
        await db.close()

    return create_web_app(
        "Ujuzi wallet",
        lifespan=lifespan,
        routers=[*ROUTERS, pages, didcomm_router(AgentRecipients(agent), JetstreamMailbox(bus.js))],
        ready_checks={"database": db.check, "nats": bus.check, "agent": agent.check},
        find_api_key=keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        max_body_by_path={"/didcomm": MAX_ENVELOPE},
    )


def run() -> None:
    """Serve with settings from the environment."""
    settings = WalletSettings()
    serve(create_app(settings), host=settings.host, port=settings.port)


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid7())
