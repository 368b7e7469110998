"""Wires the trust registry together; nothing else builds anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI
from uuid6 import uuid7

from services.trust_registry.adapters.did_host_operator import DidHostOperator
from services.trust_registry.adapters.nats_announcer import NatsAnnouncer
from services.trust_registry.adapters.sql_register import SqlRegister
from services.trust_registry.domain.issuing import Scheme
from services.trust_registry.entry.api import (
    AdminUseCases,
    authorizations_router,
    lists_router,
    register_router,
)
from services.trust_registry.entry.problems import PROBLEMS
from services.trust_registry.entry.public import public_router
from services.trust_registry.entry.renewal import renewal
from services.trust_registry.entry.trqp import trqp_router
from services.trust_registry.settings import Settings
from services.trust_registry.use_cases.answer_query import AnswerQuery
from services.trust_registry.use_cases.change_entity import ChangeEntity
from services.trust_registry.use_cases.change_status import ChangeStatus
from services.trust_registry.use_cases.grant_authorization import GrantAuthorization
from services.trust_registry.use_cases.issue_list import IssueList
from services.trust_registry.use_cases.register_entity import RegisterEntity
from services.trust_registry.use_cases.set_validity import SetValidity
from shared.adapters.background import running
from shared.adapters.did_host import DidHost
from shared.adapters.jetstream import Bus
from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_idempotency import SqlIdempotentAnswers
from shared.ports.api_keys import ADMIN
from shared.web.app import create_app as web_app
from shared.web.did_host import did_host_router
from shared.web.pages import Pages
from shared.web.serve import serve

MIGRATIONS = Path(__file__).parent / "adapters/migrations/versions"
TEMPLATES = Path(__file__).parent / "entry/templates"
AREA = "authority"


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A UUIDv7."""
    return str(uuid7())


def create_app(settings: Settings) -> FastAPI:
    """The registry's web app; its lifespan connects everything."""
    database = Database(settings.database_url)
    api_keys = SqlApiKeys(database)
    # the registry has no agent: it needs a connection, but none of the streams
    bus = Bus(settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value(), streams=())
    did_host = DidHost(database, settings.sealing_key, settings.did_host)
    scheme = Scheme(name=settings.list_name, authority=settings.authority_name, territory=settings.territory)
    url = f"https://{settings.did_host}/lists/{scheme.name}"
    register = SqlRegister(database, name=scheme.name, validity=timedelta(hours=settings.validity_hours))
    signer = DidHostOperator(did_host, (AREA, scheme.name))
    issue_list = IssueList(
        scheme=scheme,
        url=url,
        register=register,
        signer=signer,
        announce=NatsAnnouncer(bus.nc),
        clock=now,
    )
    use = AdminUseCases(
        scheme=scheme,
        url=url,
        register=register,
        signer=signer,
        issue_list=issue_list,
        register_entity=RegisterEntity(register=register, issue_list=issue_list, make_id=new_id, clock=now),
        change_entity=ChangeEntity(register=register, issue_list=issue_list, make_id=new_id, clock=now),
        grant_authorization=GrantAuthorization(
            register=register, issue_list=issue_list, make_id=new_id, clock=now
        ),
        change_status=ChangeStatus(register=register, issue_list=issue_list, make_id=new_id, clock=now),
        set_validity=SetValidity(register=register, issue_list=issue_list, make_id=new_id, clock=now),
    )
    answer_query = AnswerQuery(scheme=scheme, url=url, register=register, signer=signer, clock=now)
    pages = Pages(TEMPLATES, product="Ujuzi")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await upgrade(settings.database_url, MIGRATIONS)
        if settings.bootstrap_api_key is not None:
            await api_keys.keep(settings.bootstrap_api_key.get_secret_value(), "bootstrap", [ADMIN])
        await register.start()
        try:
            async with bus:
                await issue_list.if_needed()
                async with running(renewal=renewal(issue_list, clock=now)):
                    yield
        finally:
            await database.close()

    return web_app(
        "Ujuzi trust registry",
        lifespan=lifespan,
        routers=[
            public_router(scheme, register, signer, pages, url=url, clock=now),
            lists_router(use),
            register_router(use),
            authorizations_router(use),
            trqp_router(answer_query, clock=now),
            did_host_router(did_host, area=AREA),
        ],
        ready_checks={"database": database.check, "nats": bus.check},
        find_api_key=api_keys.find,
        idempotent_answers=SqlIdempotentAnswers(database),
        problems=PROBLEMS,
        https=settings.base_url.startswith("https://"),
    )


def main() -> None:
    """Run with the settings of the environment."""
    settings = Settings()
    serve(create_app(settings), host=settings.host, port=settings.port)
