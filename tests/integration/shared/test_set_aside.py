"""Envelopes given up are seen with their reason, never with their contents, and go back when told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.adapters.background import running
from shared.adapters.didcomm_sender import MEDIA_TYPE, DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus, Consumer, Message, Poison
from shared.adapters.jetstream_set_aside import JetstreamSetAside, JetstreamWorkSetAside
from shared.contracts.streams import (
    CONTENT_TYPE,
    DIDCOMM_IN,
    ENDPOINT,
    RECEIVED,
    WORK,
    aside_subject,
    inbound_message_id,
    inbound_subject,
    outbound_message_id,
    outbound_subject,
    poison_subject,
)
from shared.web.app import create_app
from shared.web.set_aside import set_aside_router, work_set_aside_router
from tests.support.fakes import MemoryApiKeys
from tests.support.http_server import Answer, http_server
from tests.support.nats_server import NatsServer
from tests.support.wait import until

WALLET = "0b0c0d0e-0000-4000-8000-000000000001"
SECRET = b"contents nobody is shown"


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def admin(bus: Bus) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        "Test",
        lifespan=nothing,
        routers=[
            set_aside_router(JetstreamSetAside(bus.js)),
            work_set_aside_router(JetstreamWorkSetAside(bus.js)),
        ],
        ready_checks={},
        find_api_key=MemoryApiKeys({"admin": {"admin"}, "officer": {"awards:write"}}).find,
    )
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer admin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


async def page(admin: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    answer = await admin.get("/v1/didcomm/poison", params=params)
    assert answer.status_code == 200, answer.text
    assert SECRET.decode() not in answer.text
    found: dict[str, Any] = answer.json()
    return found


async def some(admin: httpx.AsyncClient) -> bool:
    return bool((await page(admin))["count"])


async def test_what_came_in_and_could_not_be_handled_is_shown_and_handled_when_put_back(
    bus: Bus, admin: httpx.AsyncClient
) -> None:
    broken, handled = True, []

    async def handle(message: Message) -> None:
        if broken:
            raise Poison("the wallet's store is damaged")
        handled.append((message.subject, message.data, message.headers[RECEIVED]))

    consumer = Consumer(
        bus.js,
        DIDCOMM_IN,
        "agent",
        ["didcomm.in.*"],
        handle,
        poison_to=lambda m: poison_subject(m.last_token),
    )
    received = "2026-03-01T00:00:00+00:00"
    async with running(agent=consumer.run):
        await bus.publish(
            inbound_subject(WALLET),
            SECRET,
            message_id=inbound_message_id(SECRET),
            headers={RECEIVED: received},
        )
        await until(lambda: some(admin), 30, "the envelope is set aside")
        (shown,) = (await page(admin))["items"]
        assert (shown["direction"], shown["party"], shown["size"]) == ("in", WALLET, len(SECRET))
        assert shown["reason"] == "the wallet's store is damaged"

        broken = False
        replay = f"/v1/didcomm/poison/{shown['sequence']}/replay"
        assert (await admin.post(replay)).status_code == 202
        await until(lambda: bool(handled), 30, "the envelope is handled")
        gone = await admin.post(replay)

    assert handled == [(inbound_subject(WALLET), SECRET, received)]
    assert (gone.status_code, "No envelope has this number" in gone.json()["detail"]) == (404, True)
    assert (await page(admin))["count"] == 0


async def test_what_could_not_be_delivered_is_shown_and_delivered_when_put_back(
    bus: Bus, admin: httpx.AsyncClient
) -> None:
    async with http_server() as server, GuardedClient({}, allow_loopback=True) as client:
        server.answers["/didcomm"] = [Answer(status=404), Answer(status=202)]
        endpoint = f"{server.url}/didcomm"
        async with running(sender=DidcommSender(bus.js, client).run):
            await bus.publish(
                outbound_subject(endpoint),
                SECRET,
                message_id=outbound_message_id(endpoint, SECRET),
                headers={ENDPOINT: endpoint, CONTENT_TYPE: MEDIA_TYPE},
            )
            await until(lambda: some(admin), 30, "the envelope is set aside")
            (shown,) = (await page(admin))["items"]
            assert (shown["direction"], shown["party"]) == ("out", "http://127.0.0.1")
            assert "status 404" in shown["reason"]

            assert (await admin.post(f"/v1/didcomm/poison/{shown['sequence']}/replay")).status_code == 202
            await until(lambda: server.asked("/didcomm") == 2, 10, "the envelope is delivered")

        assert [body for _, _, _, body in server.requests] == [SECRET, SECRET]
        assert server.requests[-1][2]["content-type"] == MEDIA_TYPE


async def test_pages_follow_one_another_past_numbers_that_are_gone(
    bus: Bus, admin: httpx.AsyncClient
) -> None:
    for number in range(4):
        await bus.publish(poison_subject(WALLET), SECRET, message_id=str(number))
    assert (await admin.post("/v1/didcomm/poison/2/replay")).status_code == 202

    first = await page(admin, limit="2")
    rest = await page(admin, limit="2", after=first["next"])
    assert [one["sequence"] for one in [*first["items"], *rest["items"]]] == [1, 3, 4]
    assert (first["count"], rest["next"]) == (3, None)
    assert first["items"][0]["reason"] == "no reason was given"
    assert (await admin.get("/v1/didcomm/poison", params={"after": "eA"})).status_code == 400


async def test_work_that_could_not_be_done_is_shown_and_done_when_put_back(
    bus: Bus, admin: httpx.AsyncClient
) -> None:
    broken, done, counted = True, [], []

    async def handle(message: Message) -> None:
        if broken:
            raise Poison("not an order to publish a revocation")
        done.append((message.subject, message.data))

    consumer = Consumer(
        bus.js, WORK, "worker", ["work.revoke"], handle, poison_to=lambda m: aside_subject(m.subject)
    )

    async def listed() -> list[dict[str, Any]]:
        answer = await admin.get("/v1/work/poison")
        assert answer.status_code == 200, answer.text
        assert SECRET.decode() not in answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        counted.append((answer.json()["count"], len(items)))
        return items

    async with running(worker=consumer.run):
        await bus.publish("work.revoke", SECRET, message_id="one")
        await until(listed, 30, "the work is set aside")
        (shown,) = await listed()
        assert counted[-1] == (1, 1)
        assert (shown["subject"], shown["reason"]) == ("work.revoke", "not an order to publish a revocation")

        broken = False
        replay = f"/v1/work/poison/{shown['sequence']}/replay"
        assert (await admin.post(replay)).status_code == 202
        await until(lambda: bool(done), 30, "the work is done")
        gone = await admin.post(replay)

    assert done == [("work.revoke", SECRET)]
    assert (gone.status_code, "No work has this number" in gone.json()["detail"]) == (404, True)
    assert await listed() == []


async def test_only_an_administrator_sees_them(admin: httpx.AsyncClient) -> None:
    officer = {"Authorization": "Bearer officer"}
    assert (await admin.get("/v1/didcomm/poison", headers=officer)).status_code == 403
    assert (await admin.post("/v1/didcomm/poison/1/replay", headers=officer)).status_code == 403
    assert (await admin.get("/v1/work/poison", headers=officer)).status_code == 403


async def test_without_nats_the_answer_is_try_again(
    admin: httpx.AsyncClient, nats_server: NatsServer
) -> None:
    nats_server.stop()
    try:
        answer = await admin.get("/v1/didcomm/poison")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    finally:
        nats_server.start()
