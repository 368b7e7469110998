"""The agent's requests to its service, over a real NATS server."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import base58
import httpx
import pytest
from nats.aio.msg import Msg

from services.agent.adapters.service_rpc import publish_resource
from shared.adapters.did_host import DidHost, serve_rpc
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus
from shared.adapters.sql import Database, upgrade
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.agent_rpc import PUBLISH_RESOURCE, PUBLISH_TAILS, TAILS_HASH_HEADER, PublishResource
from shared.vc.attested_resource import EDITION, REV_REG_DEF, SCHEMA, STATUS_LIST
from shared.web.app import create_app
from shared.web.did_host import did_host_router
from tests.integration.outages.parts import full
from tests.integration.shared.test_didcomm_edge_and_sender import nothing
from tests.support.asgi_server import serving
from tests.support.wait import until

HOST = "issuer.ujuzi.test"
PATH = ("orgs", "amal")


@pytest.fixture
async def host(tmp_path: Path, bus: Bus) -> AsyncIterator[DidHost]:
    url = f"sqlite:///{tmp_path}/test.db"
    await upgrade(url, tmp_path)
    db = Database(url)
    did_host = DidHost(db, bytes(32), HOST)
    await did_host.ensure_did(PATH, [did_host.editions_service(PATH)])
    await serve_rpc(did_host, bus.nc)
    yield did_host
    await db.close()


async def ask(bus: Bus, body: dict[str, Any]) -> dict[str, Any]:
    reply = await bus.nc.request(PUBLISH_RESOURCE, json.dumps(body).encode(), timeout=5)
    answer: dict[str, Any] = json.loads(reply.data)
    return answer


def request(did: str, kind: str, content: dict[str, Any], updates: str | None = None) -> dict[str, Any]:
    return {"did": did, "resource_type": kind, "resource_name": "n", "content": content, "updates": updates}


async def test_what_the_agent_publishes_resolves_for_others_with_every_check(host: DidHost, bus: Bus) -> None:
    did = await host.ensure_did(PATH)
    registry = await ask(bus, request(did, REV_REG_DEF, {"issuerId": did, "tag": "0"}))
    assert registry["ok"]
    listed = await ask(
        bus,
        request(
            did,
            STATUS_LIST,
            {"issuerId": did, "revRegDefId": registry["id"], "revocationList": [0], "timestamp": 1000},
            updates=registry["id"],
        ),
    )
    assert listed["ok"]
    app = create_app(
        "Host", lifespan=nothing, routers=[did_host_router(host, editions=EDITION)], ready_checks={}
    )
    async with serving(app) as url, GuardedClient({HOST: url}) as client:
        resolver = WebvhResolver(client)
        found = await resolver.resource(registry["id"], REV_REG_DEF)
        newest = await resolver.newest_status_list(registry["id"])
    assert [link["id"] for link in found.links] == [listed["id"]]
    assert newest.id == listed["id"]


@pytest.mark.usefixtures("host")
async def test_a_did_of_somebody_else_is_refused_for_good(bus: Bus) -> None:
    answer = await ask(bus, request("did:webvh:x", SCHEMA, {"issuerId": "did:webvh:x"}))
    assert not answer["ok"]
    assert answer["retry"] is False
    assert "held by this service" in answer["error"]


@pytest.mark.usefixtures("host")
async def test_a_malformed_request_is_refused_for_good(bus: Bus) -> None:
    answer = await ask(bus, {"did": 1})
    assert not answer["ok"]
    assert answer["retry"] is False


async def test_what_the_service_cannot_store_now_is_tried_again_and_published(
    host: DidHost, bus: Bus, tmp_path: Path
) -> None:
    did = await host.ensure_did(PATH)
    asked = 0

    async def count(_: Msg) -> None:
        nonlocal asked
        asked += 1

    await bus.nc.subscribe(PUBLISH_RESOURCE, cb=count)
    wanted = PublishResource.model_validate(request(did, SCHEMA, {"issuerId": did}))
    async with full(tmp_path / "test.db"):
        publishing = asyncio.create_task(publish_resource(bus.nc, wanted, pauses=[0.05] * 1000))
        await until(lambda: asked > 1 or publishing.done(), 30, "it is tried again")
    published = await publishing
    assert await host.publish(did, SCHEMA, "n", {"issuerId": did}) == published.resource


async def test_a_tails_file_is_served_under_its_hash(host: DidHost, bus: Bus) -> None:
    content = b"\x00\x02" + b"tails" * 100
    digest = base58.b58encode(hashlib.sha256(content).digest()).decode()
    reply = await bus.nc.request(PUBLISH_TAILS, content, timeout=5, headers={TAILS_HASH_HEADER: digest})
    answer = json.loads(reply.data)
    assert answer == {"ok": True}
    app = create_app("Host", lifespan=nothing, routers=[did_host_router(host)], ready_checks={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        served = await client.get(f"/tails/hash/{digest}")
    assert served.content == content


@pytest.mark.usefixtures("host")
async def test_a_tails_file_with_another_hash_is_refused(bus: Bus) -> None:
    reply = await bus.nc.request(PUBLISH_TAILS, b"x", timeout=5, headers={TAILS_HASH_HEADER: "other"})
    answer = json.loads(reply.data)
    assert not answer["ok"]
    assert answer["retry"] is False


async def test_the_public_files_are_cacheable_as_they_deserve(host: DidHost) -> None:
    did = await host.ensure_did(PATH)
    schema = await host.publish(did, SCHEMA, "s", {"issuerId": did})
    registry = await host.publish(did, REV_REG_DEF, "r", {"issuerId": did, "tag": "0"})
    edition = await host.publish(did, EDITION, "e", {"issuerId": did, "name": "e"})
    app = create_app(
        "Host", lifespan=nothing, routers=[did_host_router(host, editions=EDITION)], ready_checks={}
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        log = await client.get("/orgs/amal/did.jsonl")
        immutable = await client.get(f"/orgs/amal/resources/{schema['metadata']['resourceId']}")
        mutable = await client.get(f"/orgs/amal/resources/{registry['metadata']['resourceId']}")
        catalogue = await client.get("/orgs/amal/editions")
        again = await client.get("/orgs/amal/did.jsonl", headers={"if-none-match": log.headers["etag"]})
        missing = await client.get("/orgs/nobody/did.jsonl")
        no_editions = await client.get("/orgs/nobody/editions")
        odd = await client.get("/orgs/a%20b/did.jsonl")
    assert log.headers["content-type"].startswith("text/jsonl")
    assert "immutable" in immutable.headers["cache-control"]
    assert "31536000" in immutable.headers["cache-control"]
    for changing in (log, mutable, catalogue):
        assert changing.headers["cache-control"] == "public, max-age=15"
    for public in (log, immutable, mutable, catalogue):
        assert public.headers["access-control-allow-origin"] == "*"
    assert immutable.json() == schema
    assert catalogue.json()["editions"] == [edition["id"]]
    assert again.status_code == 304
    assert not again.content
    for absent in (missing, no_editions):
        assert absent.status_code == 404
        assert absent.headers["content-type"] == "application/problem+json"
    assert odd.status_code == 422
