"""Edge and sender against a real NATS server and, for the sender, a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI, Request, Response
from nats.js.errors import NotFoundError

from shared.adapters.background import running
from shared.adapters.didcomm_sender import MEDIA_TYPE, DidcommSender
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.jetstream import Bus
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.contracts.streams import (
    CONTENT_TYPE,
    DIDCOMM_IN,
    DIDCOMM_OUT,
    DIDCOMM_PARKED,
    DIDCOMM_POISON,
    ENDPOINT,
    REASON,
    inbound_message_id,
    outbound_message_id,
    outbound_subject,
    parked_subject,
)
from shared.ports.didcomm import Recipient
from shared.web.app import create_app
from shared.web.didcomm_edge import MAX_ENVELOPE, didcomm_router
from tests.support.asgi_server import serving
from tests.support.envelopes import envelope, verkey
from tests.support.fakes import MemoryRecipients
from tests.support.free_port import free_port
from tests.support.nats_server import NatsServer
from tests.support.wait import until

HEADERS = {"content-type": MEDIA_TYPE}


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def edge(bus: Bus, owners: dict[str, Recipient]) -> httpx.AsyncClient:
    app = create_app(
        "Edge",
        lifespan=nothing,
        routers=[didcomm_router(MemoryRecipients(owners), JetstreamMailbox(bus.js))],
        ready_checks={"nats": bus.check},
        max_body_by_path={"/didcomm": MAX_ENVELOPE},
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge")


async def messages(bus: Bus, stream: str) -> int:
    return (await bus.js.stream_info(stream)).state.messages


async def test_an_envelope_is_stored_under_its_wallet_once(bus: Bus) -> None:
    sent = envelope(verkey())
    async with edge(bus, {verkey(): Recipient("wallet-1")}) as client:
        for _ in range(2):
            assert (await client.post("/didcomm", content=sent, headers=HEADERS)).status_code == 202
    kept = await bus.js.get_last_msg(DIDCOMM_IN.name, "didcomm.in.wallet-1")
    assert kept.data == sent
    assert kept.headers is not None
    assert kept.headers["Nats-Msg-Id"] == inbound_message_id(sent)
    assert kept.headers["Ujuzi-Received"]
    assert await messages(bus, DIDCOMM_IN.name) == 1


async def test_a_wallet_whose_mailbox_is_full_holds_up_nobody_else(bus: Bus) -> None:
    assert DIDCOMM_PARKED.per_subject is not None
    for number in range(DIDCOMM_PARKED.per_subject):
        await bus.publish(parked_subject("wallet-1"), b"x", message_id=str(number))
    owners = {verkey(1): Recipient("wallet-1"), verkey(2): Recipient("wallet-2"), verkey(3): Recipient(None)}
    async with edge(bus, owners) as client:
        full = await client.post("/didcomm", content=envelope(verkey(1)), headers=HEADERS)
        assert full.status_code == 503
        assert int(full.headers["retry-after"]) > 0
        for number in (2, 3):
            answer = await client.post("/didcomm", content=envelope(verkey(number)), headers=HEADERS)
            assert answer.status_code == 202


async def test_without_nats_the_edge_asks_to_come_back(bus: Bus, nats_server: NatsServer) -> None:
    nats_server.stop()
    await until(lambda: not bus.nc.is_connected, 30, "the connection is seen to be lost")
    async with edge(bus, {verkey(): Recipient(None)}) as client:
        answer = await client.post("/didcomm", content=envelope(verkey()), headers=HEADERS)
        ready = await client.get("/ready")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"nats": "NATS is not connected"}


@dataclass
class Inbox:
    """An endpoint that answers as told, 202 when nothing is left to be told."""

    answers: list[int] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/didcomm", self.take, methods=["POST"])
        return app

    async def take(self, request: Request) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        body = await request.body()
        await asyncio.sleep(0.01)
        self.at_once -= 1
        status = self.answers.pop(0) if self.answers else 202
        if status == 202:
            self.received.append(body)
            self.types.add(request.headers["content-type"])
        return Response(status_code=status)


async def send(bus: Bus, endpoint: str, payload: bytes) -> None:
    await bus.publish(
        outbound_subject(endpoint),
        payload,
        message_id=outbound_message_id(endpoint, payload),
        headers={ENDPOINT: endpoint, CONTENT_TYPE: MEDIA_TYPE},
    )


@asynccontextmanager
async def sending(bus: Bus, *, allow_loopback: bool = True) -> AsyncIterator[None]:
    async with GuardedClient({}, allow_loopback=allow_loopback) as client:
        sender = DidcommSender(bus.js, client)
        async with running(sender=sender.run):
            yield


async def emptied(bus: Bus) -> bool:
    return await messages(bus, DIDCOMM_OUT.name) == 0


async def poison_reason(bus: Bus, endpoint: str) -> str:
    async def there() -> bool:
        return await messages(bus, DIDCOMM_POISON.name) == 1

    await until(there, 30, "it is among the poison")
    token = outbound_subject(endpoint).rpartition(".")[2]
    kept = await bus.js.get_last_msg(DIDCOMM_POISON.name, f"didcomm.poison.{token}")
    assert kept.headers is not None
    return str(kept.headers[REASON])


async def test_every_envelope_is_delivered_and_a_destination_is_not_flooded(bus: Bus) -> None:
    inbox = Inbox()
    async with serving(inbox.app()) as url, sending(bus):
        for number in range(60):
            await send(bus, f"{url}/didcomm", f"envelope {number}".encode())
        await until(lambda: len(inbox.received) >= 60, 20, "all are received")

        async def done() -> bool:
            return await emptied(bus)

        await until(done, 30, "nothing is left to send")
    assert sorted(inbox.received) == sorted(f"envelope {number}".encode() for number in range(60))
    assert inbox.types == {MEDIA_TYPE}
    assert inbox.most_at_once <= 4


async def test_a_destination_that_is_down_gets_its_envelopes_when_it_is_back(bus: Bus) -> None:
    inbox, port = Inbox(), free_port()
    endpoint = f"http://127.0.0.1:{port}/didcomm"
    async with sending(bus):
        await send(bus, endpoint, b"patience")

        async def tried() -> bool:
            try:
                info = await bus.js.consumer_info(DIDCOMM_OUT.name, "didcomm-sender")
            except NotFoundError:  # the sender has only just been started
                return False
            return (info.num_redelivered or 0) > 0 or info.num_ack_pending == 1

        await until(tried, 30, "a delivery was tried")
        async with serving(inbox.app(), port):
            await until(lambda: inbox.received == [b"patience"], 30, "the envelope arrives")


async def test_an_answer_of_not_now_is_tried_again(bus: Bus) -> None:
    inbox = Inbox(answers=[503, 429])
    async with serving(inbox.app()) as url, sending(bus):
        await send(bus, f"{url}/didcomm", b"again")
        await until(lambda: inbox.received == [b"again"], 30, "the envelope arrives")


async def test_a_refusal_ends_the_envelope_with_its_reason(bus: Bus) -> None:
    inbox = Inbox(answers=[404])
    async with serving(inbox.app()) as url, sending(bus):
        await send(bus, f"{url}/didcomm", b"unknown here")
        assert "status 404" in await poison_reason(bus, f"{url}/didcomm")
        await until(lambda: emptied(bus), 30, "it is sent no more")


async def test_an_address_that_may_not_be_dialled_ends_the_envelope(bus: Bus) -> None:
    endpoint = "https://127.0.0.1/didcomm"
    async with sending(bus, allow_loopback=False):
        await send(bus, endpoint, b"inwards")
        assert "not a public address" in await poison_reason(bus, endpoint)


async def test_a_dead_destination_holds_up_no_other(bus: Bus) -> None:
    inbox = Inbox()
    dead = f"http://127.0.0.1:{free_port()}/didcomm"
    async with serving(inbox.app()) as url, sending(bus):
        for number in range(40):
            await send(bus, dead, f"lost {number}".encode())
        await send(bus, f"{url}/didcomm", b"alive")
        await until(lambda: inbox.received == [b"alive"], 30, "the envelope arrives")
