"""Wires the verifier together; nothing else builds anything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from uuid6 import uuid7

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.background import running
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.jetstream import Bus, Consumer
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_outbox import Outbox, OutboxPublisher
from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.streams import AGENT_EVENTS
from shared.web.app import create_app as web_app
from shared.web.did_host import did_host_router
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.pages import Pages
from shared.web.serve import serve
from verifier.adapters.acapy_learners import AcapyLearners
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.adapters.own_did import OwnDid
from verifier.adapters.sql_requests import SqlRequests
from verifier.adapters.webvh_catalogue import WebvhCatalogue
from verifier.adapters.webvh_objects import WebvhObjects
from verifier.entry.api import requests_router, trust_router
from verifier.entry.events import SUBJECTS, on_agent_event
from verifier.entry.problems import PROBLEMS
from verifier.entry.ui import ui_router
from verifier.settings import Settings
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.one_at_a_time import OneAtATime
from verifier.use_cases.reconcile import Reconcile
from verifier.use_cases.tidy_up import TidyUp
from verifier.use_cases.withdraw_request import WithdrawRequest

MIGRATIONS = Path(__file__).parent / "adapters/migrations/versions"
TEMPLATES = Path(__file__).parent / "entry/templates"
TIDY_SECONDS = 10.0
RECONCILE_SECONDS = 120.0
CATALOGUE_SECONDS = 30.0
EVENT_WORKERS = 8


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def create_app(settings: Settings) -> FastAPI:
    """The verifier's web app; its lifespan connects everything."""
    db = Database(settings.database_url)
    bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value())
    agent = AcapyClient(settings.agent_url, settings.agent_key.get_secret_value())
    client = GuardedClient(settings.host_map, allow_loopback=settings.development)
    did_host = DidHost(db, settings.sealing_key, settings.did_host)
    own_did = OwnDid(did_host, ("orgs", settings.organisation_slug))
    outbox = Outbox(db)
    api_keys = SqlApiKeys(db)
    requests = SqlRequests(db, outbox)
    learners = AcapyLearners(agent, base_url=settings.base_url, label=settings.organisation_name)
    resolver = WebvhResolver(client)
    pins = SqlTrustPins(db)
    trust = TrustSnapshots(client, pins)
    issuers = WebvhCatalogue(resolver, client)
    one_at_a_time = OneAtATime()
    ask = AskLearner(
        requests,
        learners,
        issuers,
        trust,
        own_did,
        name=settings.organisation_name,
        clock=now,
        one_at_a_time=one_at_a_time,
    )
    judge = JudgeAnswer(
        requests=requests,
        agent=learners,
        look_up=WebvhObjects(resolver),
        check_proof=AnoncredsProof(),
        trust=trust,
        signer=own_did,
        clock=now,
        one_at_a_time=one_at_a_time,
    )
    tidy_up = TidyUp(requests, learners, judge, clock=now)
    reconcile = Reconcile(requests, learners, ask, judge)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", ["admin"])
        await own_did.ensure()
        await trust.start()
        async with bus, client, agent:
            await serve_rpc(did_host, bus.nc)
            await trust.listen(bus.nc)
            events = Consumer(
                bus.js,
                AGENT_EVENTS,
                "verifier-requests",
                SUBJECTS,
                on_agent_event(ask, judge),
                workers=EVENT_WORKERS,
            )
            async with running(
                outbox=OutboxPublisher(outbox, bus.js).run,
                sender=DidcommSender(bus.js, client).run,
                trust=trust.run,
                events=events.run,
                catalogue=_every(CATALOGUE_SECONDS, lambda: issuers.of(trust.snapshots())),
                reconcile=_every(RECONCILE_SECONDS, reconcile),
                tidy_up=_every(TIDY_SECONDS, tidy_up),
            ):
                yield
        await db.close()

    return web_app(
        "Ujuzi verifier",
        lifespan=lifespan,
        routers=[
            requests_router(
                requests,
                MakeRequest(requests, learners, issuers, trust, new_id=lambda: str(uuid7()), clock=now),
                WithdrawRequest(requests, clock=now),
                settings.base_url,
            ),
            trust_router(trust, pins, issuers),
            ui_router(requests, Pages(TEMPLATES, product="Ujuzi verifier")),
            did_host_router(did_host),
            didcomm_router(AgentRecipients(agent), JetstreamMailbox(bus.js)),
        ],
        ready_checks={"database": db.check, "nats": bus.check, "agent": agent.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        max_body_by_path={"/didcomm": MAX_ENVELOPE},
    )


def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A loop that does the work at once and then again after each pause."""

    async def loop() -> None:
        while True:
            await work()
            await asyncio.sleep(seconds)

    return loop


def main() -> None:
    """Run the verifier with settings from the environment."""
    settings = Settings()
    serve(create_app(settings), host=settings.host, port=settings.port)
