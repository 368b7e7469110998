"""Wires the issuer together; nothing is built anywhere else."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import uuid6
from fastapi import FastAPI
from pydantic import ValidationError

from issuer.adapters.acapy_agent import AcapyAgent
from issuer.adapters.did_publications import AREA, DidPublications
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.spreadsheet import MAX_BYTES
from issuer.entry.api import Officer, officer_router
from issuer.entry.claim_pages import TEMPLATES, Claims, claim_router
from issuer.entry.events import AgentEvents, DefinitionWork, RevocationWork
from issuer.entry.problems import PROBLEMS
from issuer.errors import AgentTrouble
from issuer.settings import Settings
from issuer.use_cases import work
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.establish_organisation import EstablishOrganisation
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.offer_award import OfferAward
from issuer.use_cases.prepare_definition import PrepareDefinition
from issuer.use_cases.publish_revocation import PublishRevocation
from issuer.use_cases.publish_template import PublishTemplate
from issuer.use_cases.reconcile import Reconcile
from issuer.use_cases.refresh_status import RefreshStatus
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.supersede_award import SupersedeAward
from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.background import running
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus, Consumer
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_outbox import Outbox, OutboxPublisher
from shared.contracts.agent_events import CONNECTIONS, ISSUE_CREDENTIAL, events_of
from shared.contracts.streams import AGENT_EVENTS, BASE_WALLET, WORK
from shared.vc.attested_resource import EDITION
from shared.web.app import create_app as create_web_app
from shared.web.did_host import did_host_router
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.pages import Pages
from shared.web.serve import serve

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).parent / "adapters" / "migrations" / "versions"
RECONCILE_SECONDS: Final = 30.0
RECONCILED_AGAIN: Final = timedelta(hours=1)
"""How long after its last move an award is still compared with the agent on the timer."""
AGENT_PAUSE_SECONDS: Final = 3.0
HEARTBEAT_SECONDS: Final = 3600.0
EVENT_WORKERS: Final = 4


def create_app(settings: Settings) -> FastAPI:
    """Build the issuer; it connects to its database, NATS and agent when it starts."""
    db = Database(settings.database_url)
    outbox = Outbox(db)
    bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value())
    client = AcapyClient(settings.agent_url, settings.agent_key.get_secret_value())
    web = GuardedClient(settings.host_map, allow_loopback=settings.development)
    api_keys = SqlApiKeys(db)
    did_host = DidHost(db, settings.sealing_key, settings.did_host)
    secret = settings.sealing_key

    records = SqlRecords(db, outbox)
    agent = AcapyAgent(client, base_url=settings.base_url)
    publications = DidPublications(did_host)

    look_up = LookUp(records)
    offer_award = OfferAward(records, agent, _now)
    follow_exchange = FollowExchange(records, agent, _new_id, _now)
    establish = EstablishOrganisation(records, publications)
    reconcile = Reconcile(records, agent, offer_award, follow_exchange)
    refresh_status = RefreshStatus(records, agent, publications, _now)
    officer = Officer(
        look_up=look_up,
        draft_template=DraftTemplate(records, _new_id, _now),
        publish_template=PublishTemplate(records, publications, _now),
        import_batch=ImportBatch(records, _new_id, _now, secret),
        revoke_award=RevokeAward(records, _new_id, _now),
        supersede_award=SupersedeAward(records, _new_id, _now, secret),
        base_url=settings.base_url,
        secret=secret,
    )
    claims = Claims(FindClaim(records), BeginClaim(records, agent, _now, secret), look_up, settings.base_url)

    agent_events = Consumer(
        bus.js,
        AGENT_EVENTS,
        "issuer-exchanges",
        [events_of(CONNECTIONS, BASE_WALLET), events_of(ISSUE_CREDENTIAL, BASE_WALLET)],
        AgentEvents(offer_award, follow_exchange),
        workers=EVENT_WORKERS,
    )
    definitions = Consumer(
        bus.js,
        WORK,
        "issuer-definitions",
        [work.PREPARE_DEFINITION],
        DefinitionWork(PrepareDefinition(records, agent)),
        workers=1,
    )
    revocations = Consumer(
        bus.js,
        WORK,
        "issuer-revocations",
        [work.PUBLISH_REVOCATION],
        RevocationWork(PublishRevocation(records, agent, publications, _now)),
        workers=1,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", ["admin"])
        await establish(
            slug=settings.organisation_slug,
            name=settings.organisation_name,
            country=settings.organisation_country,
        )
        async with bus:
            await serve_rpc(did_host, bus.nc)
            async with running(
                outbox=OutboxPublisher(outbox, bus.js).run,
                sender=DidcommSender(bus.js, web).run,
                exchanges=agent_events.run,
                definitions=definitions.run,
                revocations=revocations.run,
                reconciliation_at_start=lambda: _patiently(reconcile),
                reconciliation=lambda: _every(
                    RECONCILE_SECONDS, lambda: reconcile(since=_now() - RECONCILED_AGAIN)
                ),
                status_heartbeat=lambda: _every(HEARTBEAT_SECONDS, refresh_status),
            ):
                yield
        await client.close()
        await web.aclose()
        await db.close()

    return create_web_app(
        "Ujuzi issuer",
        lifespan=lifespan,
        routers=[
            officer_router(officer),
            claim_router(claims, Pages(TEMPLATES, product="Ujuzi")),
            did_host_router(did_host, area=AREA, editions=EDITION),
            didcomm_router(AgentRecipients(client), JetstreamMailbox(bus.js)),
        ],
        ready_checks={"database": db.check, "nats": bus.check, "agent": client.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        max_body_by_path={"/didcomm": MAX_ENVELOPE, "/v1/batches": MAX_BYTES},
    )


def run() -> None:
    """Serve with settings from the environment until told to stop."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [
            f"ISSUER_{str(item['loc'][0]).upper() if item['loc'] else '…'}: {item['msg']}"
            for item in error.errors()
        ]
        sys.exit("The issuer cannot start with these settings. " + " · ".join(wrong))
    serve(create_app(settings), host=settings.host, port=settings.port)


async def _every(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await _patiently(do)
        await asyncio.sleep(seconds)


async def _patiently(do: Callable[[], Awaitable[None]]) -> None:
    """Do it once, waiting for the agent if need be."""
    while True:
        try:
            await do()
        except AgentTrouble as trouble:
            log.warning("waiting for the agent: %s", type(trouble).__name__)
            await asyncio.sleep(AGENT_PAUSE_SECONDS)
        else:
            return


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> UUID:
    return UUID(int=uuid6.uuid7().int)
