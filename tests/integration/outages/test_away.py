"""Each row of docs/operations.md, "What happens when a part is away", for issuer and trust registry.

Real NATS and PostgreSQL servers are stopped, or hang, under a running service; the issuer's agent is never there.
"""

import base64
import logging
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, table

from issuer.main import create_app
from issuer.settings import Settings
from shared.adapters.sql import Database
from tests.integration.trust.registry import ADMIN_KEY, ISSUER, running_registry, serving
from tests.support.free_port import free_port
from tests.support.issuer import DATA, programme
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.postgres import Cluster, cluster, fresh_database
from tests.support.wait import until

SECONDS = 45.0
"""No call takes longer than this, whatever hangs."""
ENTITY = {"names": {"en": "Digital Skills Trust"}, "country": "KE", "dids": [ISSUER]}


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    """A PostgreSQL server of these tests' own, to be stopped at will."""
    with cluster() as own:
        yield own


@contextmanager
def stopped(part: Cluster | NatsServer) -> Iterator[None]:
    part.stop()
    try:
        yield
    finally:
        part.start()


@contextmanager
def hanging(part: Cluster | NatsServer) -> Iterator[None]:
    part.pause()
    try:
        yield
    finally:
        part.resume()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program holds the write lock of a SQLite file."""
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("begin immediate")
        yield
    finally:
        other.close()


@dataclass
class Service:
    """One running service; `deed` is a POST that stores rows in `table`."""

    base_url: str
    url: str
    deed: Callable[[httpx.AsyncClient], Any]
    table: str

    def caller(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        return httpx.AsyncClient(base_url=self.base_url, headers=headers, timeout=SECONDS)

    async def rows(self) -> int:
        async with Database(self.url) as db, db.reading() as session:
            counting = select(func.count()).select_from(table(self.table))
            return int((await (await session.connection()).execute(counting)).scalar_one())


async def register(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post("/v1/entities", json=ENTITY, headers={"Idempotency-Key": "the same"})


@pytest.fixture(params=["postgresql", "sqlite"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    servers: Cluster = request.getfixturevalue("servers")
    return await fresh_database(servers.url)


@pytest.fixture(params=["issuer", "trust registry"])
async def service(
    request: pytest.FixtureRequest, url: str, nats_server: NatsServer
) -> AsyncIterator[Service]:
    if request.param == "trust registry":
        async with running_registry(url, nats_server) as registry:
            yield Service(registry.base_url, url, register, "entity")
        return
    async with serving(create_app(issuer_settings(url, nats_server))) as base_url:
        found = Service(base_url, url, import_batch, "award")
        async with found.caller() as caller:
            made = (await caller.post("/v1/templates", json=programme())).json()
            await caller.post(f"/v1/templates/{made['id']}/publish")
        yield found


def issuer_settings(url: str, nats: NatsServer) -> Settings:
    return Settings(
        profile="development",
        port=1,
        base_url="http://127.0.0.1:1",
        database_url=url,
        secret_key=base64.b64encode(os.urandom(32)).decode(),
        bootstrap_api_key=ADMIN_KEY,
        nats_url=nats.url,
        nats_user="issuer",
        nats_password=PASSWORD,
        agent_url=f"http://127.0.0.1:{free_port()}",
        agent_key="an agent key for tests only",
        did_host="issuer.ujuzi.test",
        organisation_name="Digital Skills Trust",
        organisation_slug="digital-skills",
        organisation_country="KE",
    )


async def import_batch(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post(
        "/v1/batches",
        params={"template": (await template(caller)) or "01980000-0000-7000-8000-000000000000"},
        content=(DATA / "graduates.csv").read_bytes(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": "the same"},
    )


_TEMPLATES: dict[str, str] = {}


async def template(caller: httpx.AsyncClient) -> str | None:
    """The published template, remembered: it cannot be asked for while the database is away."""
    where = str(caller.base_url)
    if where not in _TEMPLATES:
        listed = (await caller.get("/v1/templates")).json()
        _TEMPLATES[where] = listed["items"][0]["id"]
    return _TEMPLATES[where]


async def refused(caller: httpx.AsyncClient, service: Service) -> None:
    """The deed is answered 503 in time, saying what is missing and when to come again."""
    began = time.monotonic()
    answer = await service.deed(caller)
    assert time.monotonic() - began < SECONDS
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["missing"] == "the database"
    assert "Nothing of this request was stored" in answer.json()["detail"]
    assert (await caller.get("/health")).status_code == 200


async def done(caller: httpx.AsyncClient, service: Service) -> None:
    """The very same request, with its key, succeeds."""

    async def succeeds() -> bool:
        answer = await service.deed(caller)
        assert answer.status_code in {201, 503}, answer.text
        return bool(answer.status_code == 201)

    await until(succeeds, SECONDS, "the same request succeeds")


def said(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    assert not [record for record in caplog.records if record.exc_info], "no traceback for what is expected"
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    return [line.removeprefix(part).split(" ")[2].strip(":") for line in lines if line.startswith(part)]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", [stopped], ids=["stopped"])
async def test_without_its_database_nothing_is_stored_and_the_same_request_succeeds_when_it_is_back(
    service: Service,
    servers: Cluster,
    how: Callable[[Cluster], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with service.caller() as caller:
        if service.table == "award":
            await template(caller)
        before = await service.rows()
        caplog.clear()
        with how(servers):
            await refused(caller, service)
            ready = await caller.get("/ready")
            assert (ready.status_code, ready.json()["checks"]["nats"]) == (503, "ok")
            assert ready.json()["checks"]["database"] != "ok"
        assert await service.rows() == before
        await done(caller, service)
        assert await service.rows() > before
    assert said(caplog, "the database") == ["away", "back"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_while_its_file_is_locked_nothing_is_stored_and_what_only_reads_goes_on(
    service: Service, tmp_path: Path
) -> None:
    async with service.caller() as caller:
        if service.table == "award":
            await template(caller)
        before = await service.rows()
        with locked(tmp_path / "service.db"):
            await refused(caller, service)
            reads = "/v1/templates" if service.table == "award" else "/v1/entities"
            assert (await caller.get(reads)).status_code == 200
        assert await service.rows() == before
        await done(caller, service)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", [stopped, hanging], ids=["stopped", "hanging"])
async def test_without_nats_what_an_officer_does_goes_on_and_is_told_afterwards(
    service: Service,
    nats_server: NatsServer,
    how: Callable[[NatsServer], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with service.caller() as caller:
        caplog.clear()
        with how(nats_server):
            answer = await service.deed(caller)
            assert answer.status_code == 201, answer.text
            ready = await caller.get("/ready")
            assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "ok")

        async def nats_is_back() -> bool:
            return str((await caller.get("/ready")).json()["checks"]["nats"]) == "ok"

        await until(nats_is_back, SECONDS, "NATS is back")
        if service.table == "award":
            await until(lambda: nothing_waits(service), SECONDS, "the outbox is empty")
    assert not [record for record in caplog.records if record.exc_info]


async def nothing_waits(service: Service) -> bool:
    return await Service(service.base_url, service.url, service.deed, "outbox").rows() == 0


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("service", ["issuer"], indirect=True)
async def test_without_its_agent_the_claim_page_is_shown_and_going_on_is_asked_for_later(
    service: Service,
) -> None:
    async with service.caller() as caller:
        await service.deed(caller)
        award = (await caller.get("/v1/awards")).json()["items"][0]
        path = httpx.URL(award["claim_url"]).path
        assert (await caller.get(path, headers={"Accept": "text/html"})).status_code == 200
        program = await caller.post(path, json={})
        assert (program.status_code, program.headers["retry-after"]) == (503, "5")
        person = await caller.post(path, data={"go": "on"}, headers={"Accept": "text/html"})
        assert (person.status_code, person.headers["retry-after"]) == (503, "5")
        assert person.headers["content-type"].startswith("text/html")
        assert (await caller.get(f"/v1/awards/{award['id']}")).json()["state"] == "prepared"
