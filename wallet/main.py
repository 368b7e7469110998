"""Wires the wallet together; nothing else builds anything."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from shared.adapters.background import every, running
from shared.adapters.clock import new_id, utc_now
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.environment import from_environment
from shared.adapters.freed_memory import keep_giving_back
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.jetstream import Bus, Consumer
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.jetstream_metrics import MeasureStreams
from shared.adapters.jetstream_set_aside import JetstreamSetAside, JetstreamWorkSetAside
from shared.adapters.otlp_traces import send_traces
from shared.adapters.prometheus import Metrics
from shared.adapters.retention import EVERY_SECONDS as RETENTION_SECONDS
from shared.adapters.retention import Retention
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.streams import AGENT_EVENTS, aside_subject
from shared.ports.api_keys import ADMIN
from shared.web.api_keys import api_keys_router
from shared.web.app import create_app as create_web_app
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.logs import write_logs
from shared.web.pages import Pages
from shared.web.rate_limits import RateLimit, usual_limits
from shared.web.serve import serve
from shared.web.set_aside import set_aside_router, work_set_aside_router
from shared.web.start import insist
from shared.web.static_files import StaticFiles
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.adapters.nats_changes import NatsChanges
from wallet.adapters.sharded_wallets import Shards
from wallet.adapters.sql_statement_keys import SqlStatementKeys
from wallet.adapters.sql_wallets import SqlWallets
from wallet.adapters.turns import MemoryTurns, PostgresTurns, Turns
from wallet.adapters.webvh_facts import WebvhFacts
from wallet.entry.api import ROUTERS, Doors
from wallet.entry.browser import Browsers
from wallet.entry.credential_pages import credential_router
from wallet.entry.documents import Documents
from wallet.entry.events import AgentEvents
from wallet.entry.frame import Frame
from wallet.entry.home_pages import home_router
from wallet.entry.keys_pages import keys_router
from wallet.entry.leaving_api import Leaving, leaving_api
from wallet.entry.leaving_pages import leaving_router
from wallet.entry.link_pages import link_router
from wallet.entry.offer_pages import offer_router
from wallet.entry.pages import pages_router
from wallet.entry.phone_pages import OnlyHerOwnBrowser, TellScriptsWhereToGo, phone_router
from wallet.entry.problems import PROBLEMS
from wallet.entry.session_pages import session_router
from wallet.entry.sharing_pages import sharing_router
from wallet.entry.ways_pages import ways_router
from wallet.settings import Settings
from wallet.use_cases.delete_wallet import Registrar, finish_deletions
from wallet.use_cases.desk import Desk, Locks
from wallet.use_cases.forget_past import ForgetWhileOpen, delete_never_used
from wallet.use_cases.lock_wallet import lock_forgotten_wallets, lock_idle_wallets

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).parent / "adapters" / "migrations" / "versions"
TEMPLATES: Final = Path(__file__).parent / "entry" / "templates"
STATIC: Final = Path(__file__).parent / "entry" / "static"
MAX_ARCHIVE: Final = 48 * 1024 * 1024
IDLE_LOOK_SECONDS: Final = 5.0
RECONCILE_SECONDS: Final = 30.0
FORGET_SECONDS: Final = 60.0
"""An open wallet is looked through once a day; a learner may leave hers open for a minute only."""
EVENT_WORKERS: Final = 4
UNLOCK: Final = re.compile(r"POST /(v1/wallets/[^/]+/unlock|session/(?!import$)[^/]+)$")
NEW_WALLET: Final = re.compile(r"POST /(v1/wallets|session)(/import)?$")
CHANGE: Final = re.compile(r"POST /(?!v1/)")
"""What a page of an open wallet asks for; `/v1/` is counted for every service."""
A_DAY: Final = 86_400


def _locks(
    settings: Settings, book: SqlWallets, shards: Shards, turns: Turns, bus: Bus
) -> tuple[Locks, NatsChanges]:
    """What opening and closing takes, and the news of it for the other replicas."""
    open_wallets = MemoryOpenWallets(settings.idle, book, turns)
    changes = NatsChanges(bus.nc, locked=open_wallets.end)
    locks = Locks(
        sealed=shards.wallets(book),
        book=book,
        open_wallets=open_wallets,
        changes=changes,
        clock=utc_now,
        quota=settings.quota,
        decoy_key=settings.decoy_key,
    )
    return locks, changes


def create_app(settings: Settings) -> FastAPI:
    """The wallet's web app; its lifespan connects everything."""
    db = Database(settings.database_url)
    bus = Bus(
        settings.nats_url,
        settings.nats_user,
        settings.nats_password.get_secret_value(),
        ca_file=settings.nats_ca_file,
        copies=settings.nats_copies,
    )
    shards = Shards(settings.shards, settings.agent_key.get_secret_value())
    web = GuardedClient(settings.host_map, allow_loopback=settings.development)
    api_keys = SqlApiKeys(db)

    resolver = WebvhResolver(web)
    trust = TrustSnapshots(web, SqlTrustPins(db), resolver)
    turns = PostgresTurns(db) if db.is_shared else MemoryTurns()
    locks, changes = _locks(settings, SqlWallets(db), shards, turns, bus)
    desk = Desk(facts=WebvhFacts(resolver, web), trust=trust, changes=changes, clock=utc_now, new_id=new_id)

    statement_keys = SqlStatementKeys(db, settings.sealing_key, clock=utc_now)
    leaving = Leaving(
        Registrar(statement_keys, settings.backups_kept),
        Documents(TEMPLATES, place=settings.base_url),
        settings.base_url,
    )

    events = AgentEvents(locks, desk)
    agent_events = Consumer(
        bus.js,
        AGENT_EVENTS,
        f"wallet-events-{new_id()}",
        ["agent.events.>"],
        events,
        workers=EVENT_WORKERS,
        poison_to=lambda message: aside_subject(message.subject),
        of_process=True,
    )

    forget_while_open = ForgetWhileOpen(locks)
    retention = Retention(
        db,
        {
            "wallets never used": partial(delete_never_used, locks=locks),
            "learners' records": forget_while_open.count,
            **shards.retention(),
        },
    )

    async def lock_forgotten() -> None:
        locked = await lock_forgotten_wallets(locks=locks)
        if locked:
            log.info("closed %d stores that could not be closed before", locked)

    async def finish_erasures() -> None:
        finished = await finish_deletions(locks=locks)
        if finished:
            log.info("finished %d deletions of wallets that had been cut off", finished)

    async def lock_idle() -> None:
        locked = await lock_idle_wallets(locks=locks)
        if locked:
            log.info("locked %d wallets nobody used", locked)

    async def prepare() -> None:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", [ADMIN])
        await statement_keys.signer()
        await trust.start()
        await shards.warn_of_others(locks.book)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with db, turns, shards, web, bus.joining():
            await insist(prepare)
            async with running(
                news=bus.once_joined(lambda: trust.listen(bus.nc)),
                sender=DidcommSender(bus.js, web, trace_partners=settings.trace_partners).run,
                events=agent_events.run,
                changes=bus.once_joined(changes.run),
                trust=trust.run,
                finish_erasures=every(IDLE_LOOK_SECONDS, finish_erasures),
                lock_forgotten=every(IDLE_LOOK_SECONDS, lock_forgotten),
                lock_idle=every(IDLE_LOOK_SECONDS, lock_idle),
                reconcile=every(RECONCILE_SECONDS, events.reconcile),
                forget_while_open=every(FORGET_SECONDS, forget_while_open),
                retention=every(RETENTION_SECONDS, retention),
            ):
                yield

    pages = Pages(TEMPLATES, product="Ujuzi wallet")
    files = StaticFiles(STATIC)
    frame = Frame(pages, Browsers(settings.base_url), files)
    app = create_web_app(
        "Ujuzi wallet",
        lifespan=lifespan,
        routers=[
            api_keys_router(api_keys, roles={}, clock=utc_now),
            *ROUTERS,
            leaving_api(leaving),
            pages_router(pages, files),
            files.router(),
            session_router(frame),
            keys_router(frame),
            leaving_router(frame, leaving),
            ways_router(frame),
            home_router(frame),
            sharing_router(frame),
            link_router(frame),
            offer_router(frame),
            credential_router(frame),
            phone_router(frame, (TEMPLATES / "sw.js").read_text("utf-8")),
            didcomm_router(shards.recipients(), JetstreamMailbox(bus.js)),
            set_aside_router(JetstreamSetAside(bus.js)),
            work_set_aside_router(JetstreamWorkSetAside(bus.js)),
        ],
        ready_checks={"database": db.check, "nats": bus.check, "agent": shards.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        rate_limits=[
            *usual_limits(settings, public_posts=["/v1/wallets", "/session"]),
            RateLimit(UNLOCK, "address and path", settings.unlocks_here, only_forbidden=True),
            RateLimit(NEW_WALLET, "address", settings.new_wallets_here, seconds=A_DAY),
            RateLimit(CHANGE, "key", settings.key_requests_a_minute),
        ],
        trusted_proxies=settings.trusted_proxies,
        audit=SqlAuditLog(db),
        trace_partners=settings.trace_partners,
        metrics=Metrics(settings.metrics_host, settings.metrics_port).also(
            database=db.measure, streams=MeasureStreams(bus), trust_lists=trust.measure
        ),
        max_body_by_path={
            "/didcomm": MAX_ENVELOPE,
            "/v1/wallets/import": MAX_ARCHIVE,
            "/session/import": MAX_ARCHIVE,
        },
    )
    app.state.doors = Doors(locks=locks, desk=desk, lists=trust, idle=settings.idle)
    frame.install(app)
    app.add_middleware(OnlyHerOwnBrowser, frame=frame)
    app.add_middleware(TellScriptsWhereToGo)
    return app


def run() -> None:
    """Serve with settings from the environment until told to stop."""
    settings = from_environment(Settings)
    write_logs("wallet", settings.logs)
    send_traces("wallet")
    keep_giving_back()
    serve(create_app(settings), host=settings.host, port=settings.port)
