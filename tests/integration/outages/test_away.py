"""Each row of docs/operations.md, "What happens when a part is away", for issuer and trust registry.

Real NATS and PostgreSQL servers are stopped, or hang, under a running service; the issuer's agent is never there.
"""

import base64
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.main import create_app
from issuer.settings import Settings
from tests.integration.outages.parts import (
    SECONDS,
    Service,
    done,
    full,
    hanging,
    is_refused,
    locked,
    ready,
    refused,
    said,
    stopped,
)
from tests.integration.trust.registry import ADMIN_KEY, ISSUER, running_registry, serving, starting_registry
from tests.support.free_port import free_port
from tests.support.issuer import DATA, programme
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.postgres import Cluster
from tests.support.wait import until

ENTITY = {"names": {"en": "Digital Skills Trust"}, "country": "KE", "dids": [ISSUER]}


async def register(caller: httpx.AsyncClient) -> httpx.Response:
    return await caller.post("/v1/entities", json=ENTITY, headers={"Idempotency-Key": "the same"})


@pytest.fixture(params=["issuer", "trust registry"])
async def service(
    request: pytest.FixtureRequest, url: str, nats_server: NatsServer
) -> AsyncIterator[Service]:
    if request.param == "trust registry":
        async with running_registry(url, nats_server) as registry:
            yield Service(registry.base_url, url, register, "entity", "/v1/entities")
        return
    async with serving(create_app(issuer_settings(url, nats_server))) as base_url:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with httpx.AsyncClient(base_url=base_url, headers=headers) as officer:
            template = (await officer.post("/v1/templates", json=programme())).json()["id"]
            await officer.post(f"/v1/templates/{template}/publish")
        yield Service(base_url, url, partial(import_batch, template=template), "award", "/v1/templates")


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


async def import_batch(caller: httpx.AsyncClient, template: str) -> httpx.Response:
    return await caller.post(
        "/v1/batches",
        params={"template": template},
        content=(DATA / "graduates.csv").read_bytes(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": "the same"},
    )


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("how", [stopped, hanging], ids=["stopped", "hanging"])
async def test_without_its_database_nothing_is_stored_and_the_same_request_succeeds_when_it_is_back(
    service: Service,
    servers: Cluster,
    how: Callable[[Cluster], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with service.caller() as caller:
        before = await service.rows()
        caplog.clear()
        with how(servers):
            await refused(caller, service)
            found = await caller.get("/ready")
            assert (found.status_code, found.json()["checks"]["nats"]) == (503, "ok")
            assert found.json()["checks"]["database"] != "ok"
        assert await service.rows() == before
        await done(caller, service)
        assert await service.rows() > before
    assert said(caplog, "the database") == ["away", "back"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", [locked, full], ids=["locked", "disk full"])
async def test_while_its_file_cannot_be_written_nothing_is_stored_and_what_only_reads_goes_on(
    service: Service, tmp_path: Path, how: Callable[[Path], Any]
) -> None:
    async with service.caller() as caller:
        before = await service.rows()
        async with how(tmp_path / "service.db"):
            await refused(caller, service)
            assert (await caller.get(service.reads)).status_code == 200
        assert await service.rows() == before
        await done(caller, service)
        assert await service.rows() > before


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
            found = await caller.get("/ready")
            assert (found.status_code, found.json()["checks"]["database"]) == (503, "ok")

        async def nats_is_back() -> bool:
            return str((await caller.get("/ready")).json()["checks"]["nats"]) == "ok"

        async def nothing_waits() -> bool:
            return await service.rows("outbox") == 0

        await until(nats_is_back, SECONDS, "NATS is back")
        if service.table == "award":
            await until(nothing_waits, SECONDS, "the outbox is empty")
    assert not [record for record in caplog.records if record.exc_info]


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


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_service_that_starts_before_its_database_and_nats_is_unready_and_then_starts(
    url: str, servers: Cluster, nats_server: NatsServer
) -> None:
    nats_server.stop()
    servers.stop()
    back = False
    try:
        async with starting_registry(url, nats_server) as registry:
            assert (await registry.public.get("/health")).status_code == 200
            found = await registry.public.get("/ready")
            assert found.status_code == 503
            assert {name for name, what in found.json()["checks"].items() if what != "ok"} == {
                "database",
                "nats",
                "start",
            }
            is_refused(await registry.public.get("/lists/demo"), "the whole of this service")
            servers.start()
            nats_server.start()
            back = True
            await ready(registry.public)
            assert (await registry.public.get("/lists/demo")).status_code == 200
    finally:
        if not back:
            servers.start()
            nats_server.start()
