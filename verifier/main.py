"""Wires the verifier together; nothing else builds anything."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.acapy_retention import AgentsStore
from shared.adapters.background import every, running
from shared.adapters.clock import new_id, utc_now
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.environment import from_environment
from shared.adapters.freed_memory import keep_giving_back
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.http_trust_lists import TrustSnapshots
from shared.adapters.jetstream import Bus, Consumer
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.adapters.jetstream_metrics import MeasureStreams
from shared.adapters.jetstream_set_aside import JetstreamSetAside, JetstreamWorkSetAside
from shared.adapters.oidc_provider import provider_of
from shared.adapters.otlp_traces import send_traces
from shared.adapters.prometheus import Metrics
from shared.adapters.retention import EVERY_SECONDS as RETENTION_SECONDS
from shared.adapters.retention import Retention
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_members import SqlMembers
from shared.adapters.sql_outbox import Outbox, OutboxPublisher
from shared.adapters.sql_trust_pins import SqlTrustPins
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookSender
from shared.adapters.turns import Turns
from shared.adapters.webauthn_passkeys import WebauthnPasskeys
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.agent_events import BASIC_MESSAGE, CONNECTIONS, PRESENT_PROOF, events_of
from shared.contracts.streams import AGENT_EVENTS, aside_subject
from shared.ports.api_keys import ADMIN
from shared.web.actors import Actors
from shared.web.api_key_pages import KeyPages, key_pages
from shared.web.api_keys import api_keys_router
from shared.web.app import create_app as create_web_app
from shared.web.command import command_line
from shared.web.console_app import ConsoleApp, make_console
from shared.web.did_host import did_host_router, keys_router
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from shared.web.logs import write_logs
from shared.web.manage_members import Invitation
from shared.web.pages import Pages
from shared.web.rate_limits import usual_limits
from shared.web.serve import serve
from shared.web.sessions import callback_url, console_url
from shared.web.set_aside import set_aside_router, work_set_aside_router
from shared.web.start import insist
from shared.web.webhook_pages import WebhookPages, webhook_pages
from shared.web.webhooks import webhooks_router
from verifier.adapters.acapy_learners import AcapyLearners
from verifier.adapters.anoncreds_proof import AnoncredsProof
from verifier.adapters.own_did import OwnDid
from verifier.adapters.request_webhooks import EVENTS, RequestWebhooks
from verifier.adapters.sql_copies import SqlCopies
from verifier.adapters.sql_list_standings import LIST_EVENTS, SqlListStandings
from verifier.adapters.sql_requests import SqlRequests
from verifier.adapters.sql_sessions import SqlSessions
from verifier.adapters.sql_templates import SqlTemplates
from verifier.adapters.sql_wishes import WISH_EVENTS, SqlWishes
from verifier.adapters.webvh_catalogue import ListedIssuers, WebvhCatalogue
from verifier.adapters.webvh_objects import WebvhObjects
from verifier.domain.retention import REQUESTS_KEPT
from verifier.entry.api import Ask, answers_router, receipts_router, requests_router, trust_router
from verifier.entry.console import AREAS, ROLES
from verifier.entry.console_pages import VerifierPages
from verifier.entry.console_requests import request_pages
from verifier.entry.console_templates import template_pages
from verifier.entry.console_trust import TrustPages, trust_pages
from verifier.entry.console_words import WORDS as CONSOLE_WORDS
from verifier.entry.events import AgentEvents
from verifier.entry.pages import pages_router, renewal_router
from verifier.entry.problems import PROBLEMS
from verifier.entry.session_pages import SessionPages, session_router
from verifier.entry.shapes import read_requirement
from verifier.entry.templates_api import Requirements, templates_router
from verifier.ports import Correspondence, KeepRequests, KeepWishes
from verifier.settings import Settings
from verifier.use_cases.advance_template import AdvanceTemplate
from verifier.use_cases.answer_wishes import AnswerWishes
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.choose_way import ChooseWay
from verifier.use_cases.draft_template import DraftTemplate
from verifier.use_cases.erase_answer import EraseAnswer
from verifier.use_cases.judge_answer import JudgeAnswer
from verifier.use_cases.keep_up import KeepUp
from verifier.use_cases.make_request import MakeRequest
from verifier.use_cases.open_in_browser import OpenInBrowser
from verifier.use_cases.reconcile import Reconcile
from verifier.use_cases.redeem_return import RedeemReturn
from verifier.use_cases.refuse_deletion import RefuseDeletion
from verifier.use_cases.renew_request import RenewRequest
from verifier.use_cases.return_to_platform import ReturnToPlatform
from verifier.use_cases.take_wishes import TakeWishes
from verifier.use_cases.tidy_up import TidyUp
from verifier.use_cases.watch_lists import WatchLists
from verifier.use_cases.withdraw_request import WithdrawRequest

log = logging.getLogger(__name__)

MIGRATIONS: Final = Path(__file__).parent / "adapters" / "migrations" / "versions"
TEMPLATES: Final = Path(__file__).parent / "entry" / "templates"
TIDY_SECONDS: Final = 10.0
RECONCILE_SECONDS: Final = 120.0
CATALOGUE_SECONDS: Final = 30.0
KEEP_UP_SECONDS: Final = 300.0
LISTS_SECONDS: Final = 5.0
WISH_SECONDS: Final = 3.0
EVENT_WORKERS: Final = 8


class Wishes:
    """Everything about learners' wishes to have deleted what they showed."""

    def __init__(self, requests: KeepRequests, keep: KeepWishes, agent: Correspondence) -> None:
        self.keep = keep
        self.take = TakeWishes(requests, keep, agent, utc_now)
        self.answer = AnswerWishes(requests, keep, agent, new_id, utc_now)
        self.erase = EraseAnswer(requests, keep, new_id=new_id, clock=utc_now)
        self.refuse = RefuseDeletion(requests, keep, new_id=new_id, clock=utc_now)


def _at_any_time(drop: Callable[[], Awaitable[int]]) -> Callable[[datetime], Awaitable[int]]:
    """A rule that asks for no time: what it drops has lost its request."""

    async def rule(_: datetime) -> int:
        return await drop()

    return rule


def console_of(settings: Settings, db: Database) -> ConsoleApp:
    """The verifier's console, over its database."""
    return make_console(
        service="verifier",
        base_url=settings.base_url,
        organisation=settings.organisation_name,
        members=SqlMembers(db),
        passkeys=WebauthnPasskeys(console_url(settings.base_url), name=settings.organisation_name),
        provider=provider_of(settings, callback_url(settings.base_url)),
        roles=ROLES,
        areas=AREAS,
        words=CONSOLE_WORDS,
        pages=Pages(TEMPLATES, product="Ujuzi"),
        new_id=new_id,
        clock=utc_now,
    )


def staff_pages(
    pages: VerifierPages, webhooks: SqlWebhooks, keys: SqlApiKeys, web: GuardedClient
) -> list[APIRouter]:
    """Every area of the console but trust lists and members."""
    told = WebhookPages(
        of=lambda _: webhooks,
        events=EVENTS | WISH_EVENTS | LIST_EVENTS,
        examine=web.examine,
        console=pages.console,
        clock=utc_now,
    )
    programs = KeyPages(keys=keys, roles=ROLES, actors=pages.actors, console=pages.console, clock=utc_now)
    return [*request_pages(pages), *template_pages(pages), *webhook_pages(told), key_pages(programs)]


def create_app(settings: Settings) -> FastAPI:
    """The verifier's web app; its lifespan connects everything."""
    db, turns = Database(settings.database_url), Turns(settings.database_url)
    bus = Bus(
        settings.nats_url,
        settings.nats_user,
        settings.nats_password.get_secret_value(),
        ca_file=settings.nats_ca_file,
        copies=settings.nats_copies,
    )
    acapy = AcapyClient(settings.agent_url, settings.agent_key.get_secret_value())
    web = GuardedClient(settings.host_map, allow_loopback=settings.development)
    api_keys = SqlApiKeys(db)
    outbox = Outbox(db)
    did_host = DidHost(db, settings.sealing_key, settings.did_host)
    own_path = ("orgs", settings.organisation_slug)
    own_did = OwnDid(did_host, own_path)

    webhooks = SqlWebhooks(db, settings.sealing_key)
    requests = SqlRequests(db, outbox, RequestWebhooks(webhooks, settings.base_url), key=settings.sealing_key)
    templates = SqlTemplates(db)
    requirements = Requirements(templates, organisation=settings.organisation_name, clock=utc_now)
    sessions = SqlSessions(db)
    session_pages = SessionPages(sessions, secure=not settings.development)
    learners = AcapyLearners(acapy, base_url=settings.base_url, label=settings.organisation_name)
    pins = SqlTrustPins(db)
    trust = TrustSnapshots(web, pins, WebvhResolver(web))
    copies = SqlCopies(db, ListedIssuers(trust))
    resolver = WebvhResolver(web, copies=copies)
    issuers = WebvhCatalogue(resolver, web)
    ask_learner = AskLearner(
        requests,
        learners,
        issuers,
        trust,
        own_did,
        name=settings.organisation_name,
        clock=utc_now,
        one_at_a_time=turns,
    )
    judge_answer = JudgeAnswer(
        requests=requests,
        agent=learners,
        look_up=WebvhObjects(resolver),
        check_proof=AnoncredsProof(),
        trust=trust,
        signer=own_did,
        clock=utc_now,
        one_at_a_time=turns,
        sessions=sessions,
        kept_for=timedelta(hours=settings.host_away_hours),
    )
    make_request = MakeRequest(
        requests,
        learners,
        issuers,
        trust,
        sessions,
        origins=settings.return_origins,
        new_id=new_id,
        clock=utc_now,
    )
    withdraw = WithdrawRequest(requests, clock=utc_now)
    wishes = Wishes(requests, SqlWishes(db, outbox, webhooks, settings.base_url), learners)
    take_wishes = turns.each("wishes", wishes.take)
    draft = DraftTemplate(templates, read_requirement, clock=utc_now)
    advance = AdvanceTemplate(templates, clock=utc_now)
    console = console_of(settings, db)
    pages = VerifierPages(
        requests=requests,
        templates=templates,
        requirements=requirements,
        ask=Ask(requirements, make_request),
        withdraw=withdraw,
        erase=wishes.erase,
        refuse_deletion=wishes.refuse,
        wishes=wishes.keep,
        draft=draft,
        advance=advance,
        actors=Actors(SqlMembers(db), api_keys),
        console=console.frame,
        base_url=settings.base_url,
        sessions=bool(settings.return_origins),
        clock=utc_now,
    )
    tidy_up = TidyUp(requests, learners, judge_answer, clock=utc_now)
    reconcile = Reconcile(requests, learners, ask_learner, judge_answer, clock=utc_now)

    async def drop_requests(now: datetime) -> int:
        return await requests.drop(made_before=now - REQUESTS_KEPT)

    retention = Retention(
        db,
        {
            "request": drop_requests,
            "request_session": _at_any_time(sessions.drop),
            "deletion_wish": _at_any_time(wishes.keep.drop),
            "published_copy": copies.drop,
            "agent's records": AgentsStore(acapy),
        },
    )

    agent_events = Consumer(
        bus.js,
        AGENT_EVENTS,
        "verifier-requests",
        [events_of(CONNECTIONS), events_of(PRESENT_PROOF), events_of(BASIC_MESSAGE)],
        AgentEvents(ask_learner, judge_answer, take_wishes),
        workers=EVENT_WORKERS,
        poison_to=lambda message: aside_subject(message.subject),
    )

    async def prepare() -> None:
        await upgrade(settings.database_url, MIGRATIONS)
        if sealed := await requests.seal():
            log.info("%d requests that an earlier version kept in plain text are sealed now", sealed)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", [ADMIN])
        await own_did.ensure()
        await trust.start()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with db, turns, acapy, web, bus.joining():
            await insist(turns.each("start", prepare))
            async with running(
                rpc=bus.once_joined(lambda: serve_rpc(did_host, bus.nc)),
                news=bus.once_joined(lambda: trust.listen(bus.nc)),
                outbox=OutboxPublisher(outbox, bus.js).run,
                sender=DidcommSender(bus.js, web, trace_partners=settings.trace_partners).run,
                webhooks=WebhookSender(webhooks, web).run,
                events=agent_events.run,
                trust=trust.run,
                catalogue=every(CATALOGUE_SECONDS, lambda: issuers.of(trust.snapshots())),
                lists=every(
                    LISTS_SECONDS,
                    turns.alone(
                        "lists",
                        WatchLists(trust, SqlListStandings(db, webhooks, settings.base_url), clock=utc_now),
                    ),
                ),
                keep_up=every(
                    KEEP_UP_SECONDS, turns.alone("keep up", KeepUp(copies, resolver, clock=utc_now))
                ),
                reconcile=every(RECONCILE_SECONDS, turns.alone("reconcile", reconcile)),
                tidy_up=every(TIDY_SECONDS, turns.alone("tidy up", tidy_up)),
                wishes=every(WISH_SECONDS, turns.alone("answers", wishes.answer)),
                messages=every(RECONCILE_SECONDS, take_wishes),
                retention=every(RETENTION_SECONDS, turns.alone("retention", retention)),
            ):
                yield

    return create_web_app(
        "Ujuzi verifier",
        lifespan=lifespan,
        routers=[
            requests_router(
                requests,
                make_request,
                withdraw,
                settings.base_url,
                requirements=requirements,
                redeem=RedeemReturn(requests, sessions, judge_answer, clock=utc_now),
                wishes=wishes.keep,
            ),
            answers_router(requests, wishes.keep, wishes.erase, wishes.refuse, settings.base_url),
            templates_router(
                templates,
                draft,
                advance,
                requirements,
            ),
            trust_router(trust, pins, issuers, clock=utc_now),
            pages_router(
                requests,
                Pages(TEMPLATES, product="Ujuzi"),
                organisation=settings.organisation_name,
                base_url=settings.base_url,
                sessions=session_pages,
                name_skill=issuers.skill_name,
                wallet_url=settings.wallet_url,
            ),
            renewal_router(RenewRequest(requests, make_request)),
            session_router(
                session_pages,
                requests,
                OpenInBrowser(requests, sessions),
                ChooseWay(requests),
                ReturnToPlatform(requests, sessions, origins=settings.return_origins, clock=utc_now),
            ),
            api_keys_router(api_keys, roles=ROLES, clock=utc_now),
            webhooks_router(
                lambda _: webhooks, events=EVENTS | LIST_EVENTS, examine=web.examine, clock=utc_now
            ),
            did_host_router(did_host),
            keys_router(own_did.rotate, did_host, own_path, clock=utc_now),
            receipts_router(resolver),
            didcomm_router(AgentRecipients(acapy), JetstreamMailbox(bus.js)),
            set_aside_router(JetstreamSetAside(bus.js)),
            work_set_aside_router(JetstreamWorkSetAside(bus.js)),
            *staff_pages(pages, webhooks, api_keys, web),
            trust_pages(TrustPages(pinned=trust, pins=pins, issuers=issuers, pages=pages, clock=utc_now)),
        ],
        ready_checks={"database": db.check, "nats": bus.check, "agent": acapy.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        rate_limits=usual_limits(settings, public_posts=("/r/",)),
        trusted_proxies=settings.trusted_proxies,
        audit=SqlAuditLog(db),
        console=console,
        max_body_by_path={"/didcomm": MAX_ENVELOPE},
        trace_partners=settings.trace_partners,
        metrics=Metrics(settings.metrics_host, settings.metrics_port).also(
            database=db.measure,
            streams=MeasureStreams(bus),
            outbox=outbox.measure,
            webhooks=webhooks.measure,
            trust_lists=trust.measure,
            requests=requests.measure,
        ),
    )


def run() -> None:
    """Serve with settings from the environment until told to stop."""
    settings = from_environment(Settings)
    write_logs("verifier", settings.logs)
    send_traces("verifier")
    keep_giving_back()
    serve(create_app(settings), host=settings.host, port=settings.port)


async def invite(*, name: str | None, email: str, roles: frozenset[str]) -> Invitation:
    """Make a one-time link over the database of the settings in the environment."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        SqlAuditLog(db)  # from here on the change is noted
        return await console_of(settings, db).manage.let_in(name=name, email=email, roles=roles)


def main() -> None:
    """Do what the command line says."""
    command_line("verifier", serve=run, invite=invite)
