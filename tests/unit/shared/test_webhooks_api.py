"""The API of webhooks, over a database in a file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.sql_webhooks import SqlWebhooks
from shared.ports.api_keys import ApiKey
from shared.web.app import create_app
from shared.web.webhooks import webhooks_router
from tests.support.databases import migrated

EVENTS = {"thing.made": "A thing was made.", "thing.gone": "It went."}
HERE = "https://93.184.216.34/told"
WEBHOOKS = "/v1/webhooks"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with migrated(f"sqlite:///{tmp_path}/test.db", tmp_path) as db, GuardedClient({}) as web:
        webhooks = SqlWebhooks(db, bytes(32))

        async def find(presented: str) -> ApiKey | None:
            scopes = {"key": {"webhooks:write"}, "reader": {"requests:read"}}.get(presented)
            return None if scopes is None else ApiKey("1", "test", frozenset(scopes))

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            yield

        app = create_app(
            "Test",
            lifespan=lifespan,
            routers=[webhooks_router(lambda _: webhooks, events=EVENTS, examine=web.examine, clock=utc_now)],
            ready_checks={},
            find_api_key=find,
        )
        headers = {"Authorization": "Bearer key"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=headers
        ) as connected:
            yield connected


async def made(client: httpx.AsyncClient, **more: object) -> dict[str, Any]:
    answer = await client.post(WEBHOOKS, json={"url": HERE, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_secret_is_shown_once(client: httpx.AsyncClient) -> None:
    first = await made(client, description="our queue", events=["thing.made"])

    assert first["secret"].startswith("whsec_")
    assert first["webhook"]["state"] == "enabled"
    listed = await client.get(WEBHOOKS)
    assert [each["id"] for each in listed.json()] == [first["webhook"]["id"]]
    assert first["secret"] not in listed.text
    assert "secret" not in (await client.get(f"{WEBHOOKS}/{first['webhook']['id']}")).json()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://10.0.0.1/told", "not a public address"),
        ("https://127.0.0.1/told", "not a public address"),
        ("https://[::ffff:169.254.169.254]/told", "not a public address"),
        ("http://93.184.216.34/told", "Only https"),
        ("http://127.0.0.1/told", "Only https"),
        ("https://user:word@93.184.216.34/", "without user name"),
        ("file:///etc/passwd", "URL like https"),
    ],
)
async def test_an_address_inside_is_refused(client: httpx.AsyncClient, url: str, why: str) -> None:
    answer = await client.post(WEBHOOKS, json={"url": url})

    assert answer.status_code == 422
    assert why in answer.json()["detail"]
    assert (await client.get(WEBHOOKS)).json() == []


async def test_events_that_do_not_exist_are_refused_and_those_that_do_named(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post(WEBHOOKS, json={"url": HERE, "events": ["thing.mad"]})

    assert answer.status_code == 422
    assert "thing.made, thing.gone; found thing.mad" in answer.json()["detail"]
    events = (await client.get(f"{WEBHOOKS}/events")).json()
    assert {each["type"]: each["description"] for each in events} == EVENTS


async def test_other_scopes_do_nothing_with_webhooks(client: httpx.AsyncClient) -> None:
    answer = await client.get(WEBHOOKS, headers={"Authorization": "Bearer reader"})
    assert answer.status_code == 403
    assert "webhooks:write" in answer.json()["detail"]


async def test_a_webhook_is_disabled_enabled_and_forgotten(client: httpx.AsyncClient) -> None:
    one = f"{WEBHOOKS}/{(await made(client))['webhook']['id']}"

    off = (await client.post(f"{one}/disable")).json()
    assert (off["state"], off["disabled_because"]) == ("disabled", "asked")
    refused = await client.post(f"{one}/test")
    assert (refused.status_code, "enable it first" in refused.text) == (422, True)
    assert (await client.post(f"{one}/enable")).json()["state"] == "enabled"
    assert (await client.delete(one)).status_code == 204
    for answer in [await client.get(one), await client.delete(one), await client.get(f"{one}/deliveries")]:
        assert answer.status_code == 404
        assert "No webhook has this id" in answer.json()["detail"]


async def test_a_new_secret_is_shown_once_and_says_how_long_the_old_one_holds(
    client: httpx.AsyncClient,
) -> None:
    first = await made(client)
    one = f"{WEBHOOKS}/{first['webhook']['id']}"

    second = (await client.post(f"{one}/rotate-secret", json={})).json()
    third = (await client.post(f"{one}/rotate-secret", json={"keep_old_hours": 0})).json()

    assert len({first["secret"], second["secret"], third["secret"]}) == 3
    assert second["webhook"]["old_secret_until"] is not None
    assert third["webhook"]["old_secret_until"] is None
    too_long = await client.post(f"{one}/rotate-secret", json={"keep_old_hours": 1000})
    assert too_long.status_code == 422


async def test_deliveries_are_listed_and_replayed(client: httpx.AsyncClient) -> None:
    one = f"{WEBHOOKS}/{(await made(client))['webhook']['id']}"
    began = utc_now() - timedelta(minutes=1)

    sent = await client.post(f"{one}/test")
    assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
    listed = (await client.get(f"{one}/deliveries")).json()["items"]
    assert [(each["type"], each["attempts"]) for each in listed] == [("webhook.test", [])]
    again = await client.post(f"{one}/deliveries/{listed[0]['id']}/replay")
    assert (again.status_code, again.json()["message_id"]) == (202, listed[0]["message_id"])
    unknown = await client.post(f"{one}/deliveries/none/replay")
    assert (unknown.status_code, "no delivery" in unknown.text) == (404, True)
    since = await client.post(f"{one}/replay", json={"since": began.isoformat(), "delivered_too": True})
    assert since.json() == {"deliveries": 0}, "it waits already"
    naive = await client.post(f"{one}/replay", json={"since": "2026-01-01T00:00:00"})
    assert naive.status_code == 422
