"""Wires the trust registry together; nothing else builds anything."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.trust_registry.adapters.did_host_operator import DidHostOperator
from services.trust_registry.adapters.nats_announcer import NatsAnnouncer
from services.trust_registry.adapters.sql_applications import SqlApplications
from services.trust_registry.adapters.sql_register import SqlRegister
from services.trust_registry.adapters.webvh_logs import WebvhLogs
from services.trust_registry.domain.issuing import Scheme
from services.trust_registry.entry.api import (
    AdminUseCases,
    authorizations_router,
    lists_router,
    register_router,
)
from services.trust_registry.entry.application_pages import ApplicationPages, application_pages
from services.trust_registry.entry.applications_api import ApplicationUseCases, applications_routers
from services.trust_registry.entry.authority_api import authority_router
from services.trust_registry.entry.console import AREAS, DECIDERS, ROLES
from services.trust_registry.entry.console_pages import RegisterPages, register_pages
from services.trust_registry.entry.console_words import WORDS as CONSOLE_WORDS
from services.trust_registry.entry.import_pages import MOST_SENT, ImportPages, import_pages
from services.trust_registry.entry.import_pages import PATH as IMPORT_PATH
from services.trust_registry.entry.imports_api import imports_router
from services.trust_registry.entry.problems import PROBLEMS
from services.trust_registry.entry.proposals_api import ProposalUseCases, proposals_router
from services.trust_registry.entry.public import public_router
from services.trust_registry.entry.reading import ReadLists
from services.trust_registry.entry.renewal import Renewal
from services.trust_registry.entry.trqp import trqp_router
from services.trust_registry.errors import ListsFaulty
from services.trust_registry.settings import Settings
from services.trust_registry.use_cases.answer_query import AnswerQuery
from services.trust_registry.use_cases.approve_application import ApproveApplication
from services.trust_registry.use_cases.change_register import ChangeRegisterNow
from services.trust_registry.use_cases.check_lists import CheckLists
from services.trust_registry.use_cases.decide_proposal import DecideProposal
from services.trust_registry.use_cases.follow_application import FollowApplication
from services.trust_registry.use_cases.forget_applications import ForgetApplications
from services.trust_registry.use_cases.import_entities import ImportEntities
from services.trust_registry.use_cases.issue_list import IssueList
from services.trust_registry.use_cases.propose_change import ProposeChange
from services.trust_registry.use_cases.review_application import ReviewApplication
from services.trust_registry.use_cases.rotate_key import RotateKey
from services.trust_registry.use_cases.submit_application import SubmitApplication
from shared.adapters.background import every, running
from shared.adapters.clock import new_id, utc_now
from shared.adapters.did_host import DidHost
from shared.adapters.environment import from_environment
from shared.adapters.freed_memory import keep_giving_back
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus
from shared.adapters.oidc_provider import provider_of
from shared.adapters.otlp_traces import send_traces
from shared.adapters.prometheus import Metrics
from shared.adapters.retention import EVERY_SECONDS as RETENTION_SECONDS
from shared.adapters.retention import Retention, Rule
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_audit import SqlAuditLog
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.adapters.sql_members import SqlMembers
from shared.adapters.turns import Turns
from shared.adapters.webauthn_passkeys import WebauthnPasskeys
from shared.adapters.webvh_resolver import WebvhResolver
from shared.ports.api_keys import ADMIN
from shared.web.api_keys import api_keys_router
from shared.web.app import create_app as create_web_app
from shared.web.command import command_line
from shared.web.console_app import ConsoleApp, make_console
from shared.web.did_host import did_host_router, keys_router
from shared.web.logs import write_logs
from shared.web.manage_members import Invitation
from shared.web.pages import Pages
from shared.web.rate_limits import RateLimit, usual_limits
from shared.web.serve import serve
from shared.web.sessions import callback_url, console_url, new_token
from shared.web.start import insist

MIGRATIONS: Final = Path(__file__).parent / "adapters" / "migrations" / "versions"
TEMPLATES: Final = Path(__file__).parent / "entry" / "templates"
AREA: Final = "authority"
MAX_IMPORT: Final = 5 * 1024 * 1024
MAX_APPLICATION: Final = 3 * 1024 * 1024
"""A file of 2 MiB in base64, and the rest."""
APPLYING: Final = re.compile(r"POST (/v1/applications(/mine/.*)?|/apply|/applications/.*)$")


def console_of(settings: Settings, db: Database) -> ConsoleApp:
    """The registry's console, over its database."""
    return make_console(
        service="registry",
        base_url=settings.base_url,
        organisation=settings.authority_name,
        members=SqlMembers(db),
        passkeys=WebauthnPasskeys(console_url(settings.base_url), name=settings.authority_name),
        provider=provider_of(settings, callback_url(settings.base_url)),
        roles=ROLES,
        areas=AREAS,
        words=CONSOLE_WORDS,
        pages=Pages(TEMPLATES, product="Ujuzi"),
        new_id=new_id,
        clock=utc_now,
    )


def create_app(settings: Settings) -> FastAPI:
    """The registry's web app; its lifespan connects everything."""
    db, turns = Database(settings.database_url), Turns(settings.database_url)
    # the registry has no agent: it needs a connection, but none of the streams
    bus = Bus(
        settings.nats_url,
        settings.nats_user,
        settings.nats_password.get_secret_value(),
        ca_file=settings.nats_ca_file,
        streams=(),
    )
    api_keys = SqlApiKeys(db)
    did_host = DidHost(db, settings.sealing_key, settings.did_host)
    scheme = Scheme(name=settings.list_name, authority=settings.authority_name, territory=settings.territory)
    url = f"https://{settings.did_host}/lists/{scheme.name}"
    register = SqlRegister(
        db,
        name=scheme.name,
        validity=timedelta(hours=settings.validity_hours),
        four_eyes=settings.four_eyes_at_first,
    )
    signer = DidHostOperator(did_host, (AREA, scheme.name))
    issue_list = IssueList(
        scheme=scheme,
        url=url,
        register=register,
        signer=signer,
        announce=NatsAnnouncer(bus.nc),
        clock=utc_now,
    )
    use = AdminUseCases(
        scheme=scheme,
        url=url,
        register=register,
        signer=signer,
        issue_list=issue_list,
        change_register=ChangeRegisterNow(issue_list=issue_list, new_id=new_id, clock=utc_now),
        new_id=new_id,
    )
    proposing = ProposalUseCases(
        register=register,
        propose=ProposeChange(register=register, new_id=new_id, clock=utc_now),
        decide=DecideProposal(register=register, issue_list=issue_list, new_id=new_id, clock=utc_now),
        new_id=new_id,
    )
    importing = ImportEntities(
        register=register, propose=proposing.propose, change=use.change_register, new_id=new_id
    )
    web = GuardedClient(settings.host_map, allow_loopback=settings.development)
    applying = _applying(settings, SqlApplications(db), WebvhLogs(WebvhResolver(web)), proposing, use)
    renewal = Renewal(issue_list, url=url, clock=utc_now)
    forget = ForgetApplications(applications=applying.applications, new_id=new_id)
    rotate = RotateKey(signer=signer, issue_list=issue_list)
    console = console_of(settings, db)
    register_console = RegisterPages(
        use=use,
        proposing=proposing,
        rotate=rotate,
        members=SqlMembers(db),
        read=ReadLists(name=scheme.name, register=register, clock=utc_now, kept=1),
        deciders=DECIDERS,
        console=console.frame,
        clock=utc_now,
    )
    answer_query = AnswerQuery(scheme=scheme, url=url, register=register, signer=signer, clock=utc_now)

    async def prepare() -> None:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", [ADMIN])
        await register.start()
        await issue_list.if_needed()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with db, turns, web, bus.joining():
            await insist(turns.each("start", prepare))
            async with running(
                renewal=renewal.run,
                retention=every(RETENTION_SECONDS, turns.alone("retention", Retention(db, _past(forget)))),
            ):
                yield

    return create_web_app(
        "Ujuzi trust registry",
        lifespan=lifespan,
        routers=[
            api_keys_router(api_keys, roles=ROLES, clock=utc_now),
            public_router(
                scheme,
                register,
                signer,
                Pages(TEMPLATES, product="Ujuzi"),
                url=url,
                clock=utc_now,
                applying=applying,
            ),
            lists_router(use),
            register_router(use),
            authorizations_router(use),
            proposals_router(proposing),
            imports_router(importing, register),
            authority_router(use, SqlMembers(db), clock=utc_now),
            *applications_routers(applying),
            *application_pages(ApplicationPages(register=register_console, use=applying)),
            trqp_router(answer_query, clock=utc_now),
            did_host_router(did_host, area=AREA),
            keys_router(rotate, did_host, (AREA, scheme.name), clock=utc_now),
            import_pages(ImportPages(register=register_console, use=importing)),
            *register_pages(register_console),
        ],
        ready_checks={"database": db.check, "nats": bus.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(db),
        problems=PROBLEMS,
        https=not settings.development,
        max_body_by_path={
            "/v1/imports": MAX_IMPORT,
            IMPORT_PATH: MOST_SENT,
            "/v1/applications": MAX_APPLICATION,
            "/apply": MAX_APPLICATION,
        },
        rate_limits=[
            *usual_limits(settings, public_posts=["/authorization", "/recognition"]),
            RateLimit(APPLYING, "address", settings.applications_a_minute),
        ],
        trusted_proxies=settings.trusted_proxies,
        audit=SqlAuditLog(db),
        console=console,
        metrics=Metrics(settings.metrics_host, settings.metrics_port).also(
            database=db.measure, trust_lists=renewal.measure
        ),
    )


def _applying(
    settings: Settings,
    applications: SqlApplications,
    read_log: WebvhLogs,
    proposing: ProposalUseCases,
    use: AdminUseCases,
) -> ApplicationUseCases:
    return ApplicationUseCases(
        applications=applications,
        submit=SubmitApplication(
            applications=applications,
            read_log=read_log,
            signer=use.signer,
            new_token=new_token,
            new_id=new_id,
            clock=utc_now,
        ),
        follow=FollowApplication(
            applications=applications,
            read_log=read_log,
            signer=use.signer,
            new_token=new_token,
            new_id=new_id,
            clock=utc_now,
        ),
        review=ReviewApplication(applications=applications, read_log=read_log, new_id=new_id, clock=utc_now),
        approve=ApproveApplication(
            applications=applications,
            read_log=read_log,
            propose=proposing.propose,
            issue_list=use.issue_list,
            new_id=new_id,
            clock=utc_now,
        ),
        base_url=settings.base_url,
    )


def _past(forget: ForgetApplications) -> dict[str, Rule]:
    return {
        "application nobody proved": forget.unproven,
        "application left lying": forget.idle,
        "application's contact": forget.contacts,
    }


def run() -> None:
    """Serve with settings from the environment until told to stop."""
    settings = from_environment(Settings)
    write_logs("registry", settings.logs)
    send_traces("registry")
    keep_giving_back()
    serve(create_app(settings), host=settings.host, port=settings.port)


async def invite(*, name: str | None, email: str, roles: frozenset[str]) -> Invitation:
    """Make a one-time link over the database of the settings in the environment."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        SqlAuditLog(db)  # from here on the change is noted
        return await console_of(settings, db).manage.let_in(name=name, email=email, roles=roles)


async def check_lists() -> Sequence[str]:
    """Check every list in the database of the settings in the environment; a sentence for each fault, or one that all is well."""
    settings = from_environment(Settings)
    await upgrade(settings.database_url, MIGRATIONS)
    async with Database(settings.database_url) as db:
        scheme = Scheme(
            name=settings.list_name, authority=settings.authority_name, territory=settings.territory
        )
        did_host = DidHost(db, settings.sealing_key, settings.did_host)
        register = SqlRegister(db, name=scheme.name, validity=timedelta(hours=settings.validity_hours))
        check = CheckLists(
            scheme=scheme,
            register=register,
            signer=DidHostOperator(did_host, (AREA, scheme.name)),
            clock=utc_now,
        )
        count, faults = await check()
    if faults:
        raise ListsFaulty("\n".join(faults))
    return [f"{count} lists: every signature, digest and link holds."]


def main() -> None:
    """Do what the command line says."""
    command_line("services.trust_registry", serve=run, invite=invite, also={"check-lists": check_lists})
