"""Keys for programs: made once, by role or scopes, never stronger than whoever makes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from shared.adapters.sql_api_keys import SqlApiKeys
from shared.adapters.sql_audit import SqlAuditLog
from shared.ports.api_keys import Caller
from shared.web.api_keys import api_keys_router
from shared.web.app import create_app
from shared.web.auth import require_scope
from tests.support.databases import migrated

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROLES = {"reader": frozenset({"things:read"}), "admin": frozenset({"admin"})}
KEYS = "/v1/api-keys"


@dataclass
class Time:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class World:
    client: httpx.AsyncClient
    time: Time
    audit: SqlAuditLog

    async def post(self, path: str, key: str, **body: object) -> httpx.Response:
        return await self.client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})

    async def get(self, path: str, key: str) -> httpx.Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {key}"})

    async def made(self, key: str = "boot", **body: object) -> dict[str, Any]:
        answer = await self.post(KEYS, key, **{"name": "a program", **body})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with migrated(f"sqlite:///{tmp_path}/test.db", tmp_path) as db:
        time = Time()
        keys = SqlApiKeys(db, clock=time)
        await keys.keep("boot", "bootstrap", ["admin"])
        audit = SqlAuditLog(db)
        things = APIRouter()

        @things.get("/v1/things")
        async def read_things(caller: Annotated[Caller, Depends(require_scope("things:read"))]) -> str:
            return caller.who

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            yield

        app = create_app(
            "Test",
            lifespan=lifespan,
            routers=[api_keys_router(keys, roles=ROLES, scopes=["things:write"], clock=time), things],
            ready_checks={},
            find_api_key=keys.find,
            audit=audit,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield World(client, time, audit)


async def test_a_key_of_a_role_is_shown_once_and_does_what_the_role_says(world: World) -> None:
    made = await world.made(role="reader")

    assert made["api_key"]["scopes"] == ["things:read"]
    read = await world.get("/v1/things", made["key"])
    assert read.json() == f"key:{made['api_key']['id']}"
    assert (await world.get(KEYS, made["key"])).status_code == 403
    listed = await world.get(KEYS, "boot")
    assert made["key"] not in listed.text
    assert [each["name"] for each in listed.json()["items"]] == ["bootstrap", "a program"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"role": "king"}, "roles reader, admin, found king"),
        ({"scopes": ["things:rea"]}, "found things:rea"),
        ({"role": "reader", "expires_at": "2026-05-01T00:00:00Z"}, "lie ahead"),
        ({"role": "reader", "expires_at": "2036-05-01T00:00:00Z"}, "within five years"),
        ({"role": "reader", "name": "\n"}, "printable"),
    ],
)
async def test_what_no_key_can_have_is_refused(world: World, body: dict[str, object], why: str) -> None:
    answer = await world.post(KEYS, "boot", **{"name": "x", **body})
    assert answer.status_code == 422
    assert why in answer.json()["detail"]


async def test_either_a_role_or_scopes_are_named(world: World) -> None:
    for body in ({}, {"role": "reader", "scopes": ["things:read"]}):
        answer = await world.post(KEYS, "boot", name="x", **body)
        assert (answer.status_code, "either a role or scopes" in answer.text) == (422, True)


async def test_nobody_gives_or_revokes_more_than_he_has(world: World) -> None:
    weak = await world.made(scopes=["api-keys:write", "things:read"])
    strong = await world.made(role="admin")

    stronger = await world.post(KEYS, weak["key"], name="x", scopes=["things:read", "things:write"])
    everything = await world.post(KEYS, weak["key"], name="x", role="admin")
    revoking = await world.post(f"{KEYS}/{strong['api_key']['id']}/revoke", weak["key"])
    for answer, scope in ((stronger, "things:write"), (everything, "admin"), (revoking, "admin")):
        assert answer.status_code == 403
        assert f"You do not have {scope}" in answer.json()["detail"]
    assert (await world.made(weak["key"], role="reader"))["api_key"]["created_by"].startswith("key:")


async def test_a_key_makes_none_that_outlives_it(world: World) -> None:
    end = NOW + timedelta(days=7)
    short = await world.made(scopes=["api-keys:write"], expires_at=end.isoformat())

    later = (end + timedelta(seconds=1)).isoformat()
    refused = await world.post(KEYS, short["key"], name="x", scopes=["api-keys:write"], expires_at=later)
    assert (refused.status_code, "at the latest" in refused.text) == (403, True)
    child = await world.made(short["key"], scopes=["api-keys:write"])
    assert datetime.fromisoformat(child["api_key"]["expires_at"]) == end


async def test_a_key_ends_when_it_was_to_end(world: World) -> None:
    made = await world.made(role="reader", expires_at=(NOW + timedelta(hours=1)).isoformat())
    assert (await world.get("/v1/things", made["key"])).status_code == 200

    world.time.at += timedelta(hours=1)

    assert (await world.get("/v1/things", made["key"])).status_code == 401
    states = {each["name"]: each["state"] for each in (await world.get(KEYS, "boot")).json()["items"]}
    assert states == {"bootstrap": "valid", "a program": "expired"}


async def test_a_revoked_key_opens_nothing_and_its_maker_and_end_are_in_the_audit_log(world: World) -> None:
    made = await world.made(role="reader")
    revoke = f"{KEYS}/{made['api_key']['id']}/revoke"
    assert (await world.post(revoke, "boot")).json()["state"] == "revoked"
    assert (await world.post(revoke, "boot")).json()["state"] == "revoked"
    assert (await world.get("/v1/things", made["key"])).status_code == 401
    unknown = await world.post(f"{KEYS}/none/revoke", "boot")
    assert (unknown.status_code, "No API key has this id" in unknown.text) == (404, True)

    entries = await world.audit.entries(after=None, limit=10)
    said = [(each.what, f"api_key:{made['api_key']['id']}" in each.objects) for each in entries]
    assert said[0] == ("POST /v1/api-keys", True)
    assert entries[0].who is not None
    assert ("POST /v1/api-keys/{key_id}/revoke", True) in said
    assert made["key"] not in str(entries)


async def test_the_day_of_the_last_use_is_shown_and_noted_as_nobodys_deed(world: World) -> None:
    made = await world.made(role="reader")
    assert made["api_key"]["last_used_on"] is None
    await world.get("/v1/things", made["key"])
    world.time.at += timedelta(days=2)
    await world.get("/v1/things", made["key"])

    items = (await world.get(KEYS, "boot")).json()["items"]
    assert [each["last_used_on"] for each in items] == ["2026-06-03", "2026-06-03"]
    assert len(await world.audit.entries(after=None, limit=10)) == 1
