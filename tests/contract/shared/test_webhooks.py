"""Webhooks by the Standard Webhooks convention, checked with the convention's own library at a real server."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from standardwebhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError

from shared.adapters.background import running
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.retention import Retention
from shared.adapters.sql import Database
from shared.adapters.sql_webhooks import LEASE, SqlWebhooks, WebhookDeliveryRow, WebhookRow, WebhookSender
from shared.contracts.webhooks import PAUSES
from shared.ports.webhooks import (
    DELIVERIES_KEPT,
    GIVEN_UP_AFTER,
    MOST_WEBHOOKS,
    Delivery,
    DeliveryUnknown,
    Webhook,
    WebhookRefused,
    WebhookUnknown,
)
from tests.support.http_server import Answer, Server, http_server
from tests.support.wait import until

KEY = bytes(range(32))
DAY = timedelta(days=1)
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass
class Clock:
    """The real time, and as much more as a test says."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class World:
    """Webhooks over a database, and a server that is told."""

    db: Database
    clock: Clock
    webhooks: SqlWebhooks
    server: Server
    web: GuardedClient

    async def hook(self, path: str = "/told", *, events: Sequence[str] = ()) -> tuple[Webhook, str]:
        self.server.answers.setdefault(path, Answer(status=200))
        return await self.webhooks.create(
            f"{self.server.url}{path}", events=events, description="", now=self.clock()
        )

    async def tell(self, event_type: str = "request.judged", **data: object) -> None:
        async with self.db.session() as session:
            await self.webhooks.announce(session, event_type, data or {"request_id": "r1"})

    async def deliveries(self, webhook: Webhook) -> Sequence[Delivery]:
        return await self.webhooks.deliveries(webhook.id, after=None, limit=100)

    async def only(self, webhook: Webhook) -> Delivery:
        (delivery,) = await self.deliveries(webhook)
        return delivery

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        sender = WebhookSender(self.webhooks, self.web, clock=self.clock, chance=lambda: 0.0)
        async with running(webhooks=sender.run):
            yield

    async def tried(self, webhook: Webhook, times: int) -> Delivery:
        async def enough() -> bool:
            return len((await self.only(webhook)).attempts) >= times

        await until(enough, 30, f"it was tried {times} times")
        return await self.only(webhook)

    async def is_over(self, webhook: Webhook) -> Delivery:
        async def over() -> bool:
            return (await self.only(webhook)).state != "waiting"

        await until(over, 30, "the delivery is settled")
        return await self.only(webhook)

    def wait(self, pause: timedelta) -> None:
        """Let time pass."""
        self.clock.ahead += pause
        self.webhooks.added.set()


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    clock = Clock()
    async with http_server() as server, GuardedClient({}, allow_loopback=True, timeout=5) as web:
        yield World(db, clock, SqlWebhooks(db, KEY, clock=clock), server, web)


def received(server: Server) -> list[tuple[dict[str, str], bytes]]:
    return [(headers, body) for _, _, headers, body in server.requests]


def signed(headers: dict[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in SIGNED}


async def test_the_conventions_own_library_accepts_what_is_sent(world: World) -> None:
    hook, secret = await world.hook()
    async with world.sending():
        await world.tell(request_id="r1", result="accepted", who="Amína")
        delivery = await world.is_over(hook)

    ((headers, body),) = received(world.server)
    told: Any = Reference(secret).verify(body, signed(headers))
    assert (told["type"], told["data"]) == (
        "request.judged",
        {"request_id": "r1", "result": "accepted", "who": "Amína"},
    )
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == delivery.message_id
    assert (delivery.state, [each.status for each in delivery.attempts]) == ("delivered", [200])


async def test_a_body_that_was_changed_or_signed_by_another_is_not_accepted(world: World) -> None:
    hook, secret = await world.hook()
    async with world.sending():
        await world.tell()
        await world.is_over(hook)

    ((headers, body),) = received(world.server)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Reference(secret).verify(body.replace(b"r1", b"r2"), signed(headers))
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Reference("whsec_" + "A" * 44).verify(body, signed(headers))


async def test_what_is_rolled_back_is_not_told(world: World) -> None:
    hook, _ = await world.hook()

    async def change_and_fail() -> None:
        async with world.db.session() as session:
            await world.webhooks.announce(session, "request.judged", {"request_id": "r1"})
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError, match="the change failed"):
        await change_and_fail()

    assert not await world.deliveries(hook)


async def test_a_webhook_is_told_only_what_it_chose(world: World) -> None:
    some, _ = await world.hook("/some", events=["request.declined"])
    every, _ = await world.hook("/all")
    await world.tell("request.judged")
    await world.tell("request.declined")

    assert [each.type for each in await world.deliveries(some)] == ["request.declined"]
    assert [each.type for each in await world.deliveries(every)] == ["request.declined", "request.judged"]


async def test_what_fails_is_tried_for_three_days_at_the_conventions_times_with_one_id(world: World) -> None:
    hook, secret = await world.hook()
    world.server.answers["/told"] = Answer(status=500, body=b"a secret of theirs")
    async with world.sending():
        await world.tell()
        for number, pause in enumerate(PAUSES, start=1):
            delivery = await world.tried(hook, number)
            assert delivery.state == "waiting"
            assert delivery.next_at is not None
            assert delivery.next_at - delivery.attempts[-1].at == pause
            world.wait(pause)
        delivery = await world.is_over(hook)

    assert (delivery.state, delivery.next_at) == ("failed", None)
    assert [each.status for each in delivery.attempts] == [500] * 10
    assert 3 * DAY < delivery.attempts[-1].at - delivery.attempts[0].at < 4 * DAY
    assert {headers["webhook-id"] for headers, _ in received(world.server)} == {delivery.message_id}
    assert len({body for _, body in received(world.server)}) == 1
    assert "secret" not in str(delivery)
    headers, body = received(world.server)[0]
    assert Reference(secret).verify(body, signed(headers))


async def test_an_address_that_comes_back_gets_what_it_missed(world: World) -> None:
    hook, _ = await world.hook()
    world.server.answers["/told"] = [Answer(hang_up=True), Answer(status=200)]
    async with world.sending():
        await world.tell()
        first = await world.tried(hook, 1)
        assert (await world.webhooks.find(hook.id)).failing_since is not None
        world.wait(PAUSES[0])
        delivery = await world.is_over(hook)

    assert first.attempts[0].status is None
    assert "try again later" in (first.attempts[0].problem or "")
    assert delivery.state == "delivered"
    assert (await world.webhooks.find(hook.id)).failing_since is None


async def test_a_server_that_asks_for_time_gets_it(world: World) -> None:
    hook, _ = await world.hook()
    world.server.answers["/told"] = Answer(status=429, headers={"Retry-After": "600"})
    async with world.sending():
        await world.tell()
        delivery = await world.tried(hook, 1)

    assert delivery.next_at is not None
    assert delivery.next_at - delivery.attempts[0].at == timedelta(seconds=600)


async def test_an_address_that_says_gone_is_told_no_more(world: World) -> None:
    hook, _ = await world.hook()
    world.server.answers["/told"] = Answer(status=410)
    async with world.sending():
        await world.tell()
        delivery = await world.is_over(hook)

    found = await world.webhooks.find(hook.id)
    assert (delivery.state, found.disabled_because) == ("held", "gone")
    with pytest.raises(WebhookRefused, match="disabled: enable it first"):
        await world.webhooks.test(hook.id, now=world.clock())


async def test_an_address_that_takes_nothing_for_days_is_disabled_and_says_why(world: World) -> None:
    hook, _ = await world.hook()
    world.server.answers["/told"] = Answer(status=500)
    async with world.sending():
        await world.tell()
        await world.tried(hook, 1)
        world.wait(GIVEN_UP_AFTER)
        delivery = await world.is_over(hook)

    found = await world.webhooks.find(hook.id)
    assert (delivery.state, found.disabled_because) == ("held", "failing")
    assert found.disabled_at is not None


async def test_what_happens_while_it_is_disabled_is_held_and_replayed(world: World) -> None:
    hook, _ = await world.hook()
    began = world.clock()
    await world.webhooks.disable(hook.id, now=began)
    await world.tell()
    async with world.sending():
        with pytest.raises(WebhookRefused, match="disabled"):
            await world.webhooks.replay_since(hook.id, began, delivered_too=False, now=world.clock())
        await world.webhooks.enable(hook.id)
        assert (await world.only(hook)).state == "held"
        later = began + DAY
        assert not await world.webhooks.replay_since(hook.id, later, delivered_too=True, now=world.clock())
        assert await world.webhooks.replay_since(hook.id, began, delivered_too=False, now=world.clock()) == 1
        await world.is_over(hook)

    assert (await world.only(hook)).state == "delivered"
    again = await world.webhooks.replay_since(hook.id, began, delivered_too=False, now=world.clock())
    assert again == 0


async def test_a_delivery_is_sent_again_under_its_id(world: World) -> None:
    hook, _ = await world.hook()
    async with world.sending():
        await world.tell()
        delivery = await world.is_over(hook)
        await world.webhooks.replay(hook.id, delivery.id, now=world.clock())
        await world.tried(hook, 2)

    first, second = (headers["webhook-id"] for headers, _ in received(world.server))
    assert first == second
    with pytest.raises(DeliveryUnknown, match="no delivery with this id"):
        await world.webhooks.replay(hook.id, "nothing", now=world.clock())


async def test_both_secrets_sign_after_a_rotation_and_then_the_new_one_alone(world: World) -> None:
    hook, old = await world.hook()
    found, new = await world.webhooks.rotate(hook.id, keep_old=DAY, now=world.clock())
    assert found.old_secret_until is not None
    async with world.sending():
        await world.webhooks.test(hook.id, now=world.clock())
        await until(lambda: len(world.server.requests) == 1, 15, "it was told")
        headers, body = received(world.server)[0]
        assert Reference(old).verify(body, signed(headers))
        assert Reference(new).verify(body, signed(headers))

        await world.webhooks.rotate(hook.id, keep_old=timedelta(0), now=world.clock())
        await world.webhooks.test(hook.id, now=world.clock())
        await until(lambda: len(world.server.requests) == 2, 15, "it was told")

    headers, body = received(world.server)[1]
    assert " " not in headers["webhook-signature"]
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Reference(new).verify(body, signed(headers))


async def test_the_old_secret_signs_until_its_time_is_over(world: World) -> None:
    hook, _ = await world.hook()
    await world.webhooks.rotate(hook.id, keep_old=DAY, now=world.clock())
    await world.webhooks.test(hook.id, now=world.clock())

    (due,) = await world.webhooks.claim(world.clock(), but_not_for=(), limit=10)
    (later,) = await world.webhooks.claim(world.clock() + DAY, but_not_for=(), limit=10)

    assert (len(due.keys), len(later.keys)) == (2, 1)


async def test_secrets_are_sealed_in_the_database(world: World) -> None:
    _, secret = await world.hook()
    async with world.db.reading() as session:
        row = (await session.exec(select(WebhookRow))).one()
    assert secret.removeprefix("whsec_").encode() not in row.sealed_secret
    assert Reference(secret)._whsecret not in row.sealed_secret


async def test_two_processes_do_not_send_one_delivery_twice(world: World) -> None:
    hook, _ = await world.hook()
    for _ in range(12):
        await world.tell()
    async with world.sending(), world.sending():
        await until(lambda: len(world.server.requests) >= 12, 15, "it was told")

        async def over() -> bool:
            return {each.state for each in await world.deliveries(hook)} == {"delivered"}

        await until(over, 30, "all are delivered")

    ids = [headers["webhook-id"] for headers, _ in received(world.server)]
    assert sorted(ids) == sorted(set(ids))


async def test_what_a_process_that_died_had_claimed_is_sent_by_the_next(world: World) -> None:
    hook, _ = await world.hook()
    await world.tell()
    assert len(await world.webhooks.claim(world.clock(), but_not_for=(), limit=10)) == 1
    async with world.sending():
        assert not await world.webhooks.claim(world.clock(), but_not_for=(), limit=10)
        world.wait(LEASE)
        assert (await world.is_over(hook)).state == "delivered"


async def test_a_slow_address_keeps_no_other_waiting(world: World) -> None:
    await world.hook("/slow")
    fast, _ = await world.hook("/fast", events=["request.judged"])
    world.server.answers["/slow"] = Answer(stall=True)
    for _ in range(10):
        await world.tell("request.declined")
    await world.tell("request.judged")
    async with world.sending():
        assert (await world.is_over(fast)).state == "delivered"


async def test_an_address_inside_is_never_called(world: World) -> None:
    hook, _ = await world.hook()

    async def inside(_host: str, _port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    async with GuardedClient({}, resolve=inside) as web:
        elsewhere = World(world.db, world.clock, world.webhooks, world.server, web)
        hook, _ = await world.webhooks.create(
            "https://rebound.example.org/x", events=["x"], description="", now=world.clock()
        )
        async with elsewhere.sending():
            await world.tell("x")
            delivery = await world.tried(hook, 1)

    assert delivery.attempts[0].status is None
    assert "not a public address" in (delivery.attempts[0].problem or "")
    assert not world.server.asked("/x")


async def test_a_redirect_is_not_followed(world: World) -> None:
    hook, _ = await world.hook()
    world.server.answers["/told"] = Answer(status=302, headers={"Location": f"{world.server.url}/elsewhere"})
    async with world.sending():
        await world.tell()
        delivery = await world.tried(hook, 1)

    assert delivery.attempts[0].status == 302
    assert not world.server.asked("/elsewhere")


async def test_a_deleted_webhook_leaves_nothing(world: World) -> None:
    hook, _ = await world.hook()
    await world.tell()
    await world.webhooks.delete(hook.id)

    with pytest.raises(WebhookUnknown, match="No webhook has this id"):
        await world.deliveries(hook)
    async with world.db.reading() as session:
        assert not (await session.exec(select(WebhookDeliveryRow))).all()


async def test_there_are_not_too_many(world: World) -> None:
    for number in range(MOST_WEBHOOKS):
        await world.hook(f"/{number}")
    with pytest.raises(WebhookRefused, match="at most 50 webhooks"):
        await world.hook("/one-more")


async def test_deliveries_go_after_their_time(world: World) -> None:
    hook, _ = await world.hook()
    await world.tell()
    made = (await world.only(hook)).created_at

    await Retention(world.db, {}, clock=lambda: made + DELIVERIES_KEPT)()
    assert len(await world.deliveries(hook)) == 1
    gone = await Retention(world.db, {}, clock=lambda: made + DELIVERIES_KEPT + timedelta(seconds=1))()

    assert gone["webhook_delivery"] == 1
    assert not await world.deliveries(hook)


async def test_newer_deliveries_come_first_page_by_page(world: World) -> None:
    hook, _ = await world.hook()
    for number in range(5):
        await world.tell(number=number)
    first = await world.webhooks.deliveries(hook.id, after=None, limit=3)
    rest = await world.webhooks.deliveries(hook.id, after=first[-1].id, limit=3)

    assert [each.id for each in (*first, *rest)] == sorted(
        (each.id for each in (*first, *rest)), reverse=True
    )
    assert len(rest) == 2
    async with world.db.reading() as session:
        bodies = [json.loads(row.body) for row in await session.exec(select(WebhookDeliveryRow))]
    assert sorted(body["data"]["number"] for body in bodies) == list(range(5))


async def test_an_organisation_has_its_own_webhooks_and_is_told_of_its_own_changes_only(world: World) -> None:
    umoja, kazi = world.webhooks.of("umoja"), world.webhooks.of("kazi")
    nobodys, _ = await world.hook()
    hook, _ = await umoja.create("https://umoja.test/told", events=[], description="", now=world.clock())
    other, _ = await kazi.create("https://kazi.test/told", events=[], description="", now=world.clock())
    assert [one.id for one in await umoja.all()] == [hook.id]
    assert [one.id for one in await kazi.all()] == [other.id]
    assert [one.id for one in await world.webhooks.all()] == [nobodys.id]

    async with world.db.session() as session:
        await umoja.announce(session, "award.issued", {"award_id": "a1"})
    (made,) = await umoja.deliveries(hook.id, after=None, limit=9)
    assert made.type == "award.issued"
    assert not await kazi.deliveries(other.id, after=None, limit=9)
    assert not await world.deliveries(nobodys)

    now = world.clock()
    for stranger in (kazi, world.webhooks):
        for attempt in (
            stranger.find(hook.id),
            stranger.disable(hook.id, now=now),
            stranger.enable(hook.id),
            stranger.delete(hook.id),
            stranger.rotate(hook.id, keep_old=DAY, now=now),
            stranger.test(hook.id, now=now),
            stranger.deliveries(hook.id, after=None, limit=9),
            stranger.replay(hook.id, made.id, now=now),
            stranger.replay_since(hook.id, now - DAY, delivered_too=True, now=now),
        ):
            with pytest.raises(WebhookUnknown, match="No webhook has this id"):
                await attempt
    assert (await umoja.find(hook.id)).disabled_at is None
