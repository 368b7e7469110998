import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from shared.ports.didcomm import Recipient
from shared.ports.errors import MailboxFull, Unavailable
from shared.web.app import create_app
from shared.web.didcomm_edge import MAX_ENVELOPE, MEDIA_TYPES, didcomm_router
from tests.support.envelopes import envelope, verkey
from tests.support.fakes import MemoryMailbox, MemoryRecipients

HERS, OURS, NOBODYS = verkey(1), verkey(2), verkey(3)


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


class Edge:
    def __init__(self) -> None:
        self.recipients = MemoryRecipients({HERS: Recipient("wallet-1"), OURS: Recipient(None)})
        self.mailbox = MemoryMailbox()
        self._app = create_app(
            "Edge",
            lifespan=nothing,
            routers=[didcomm_router(self.recipients, self.mailbox)],
            ready_checks={},
            max_body_by_path={"/didcomm": MAX_ENVELOPE},
        )

    async def post(
        self, body: bytes | AsyncIterator[bytes], media_type: str | None = MEDIA_TYPES[0]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            headers = {"content-type": media_type} if media_type else {}
            return await client.post("/didcomm", content=body, headers=headers)


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.mark.parametrize("media_type", [*MEDIA_TYPES, "Application/DIDComm-Envelope-Enc; charset=utf-8"])
async def test_an_envelope_for_a_wallet_here_is_kept_as_it_came(edge: Edge, media_type: str) -> None:
    sent = envelope(HERS)
    assert (await edge.post(sent, media_type)).status_code == 202
    assert edge.mailbox.kept == [(Recipient("wallet-1"), sent)]


async def test_an_envelope_for_several_is_kept_for_the_one_who_is_here(edge: Edge) -> None:
    assert (await edge.post(envelope(NOBODYS, OURS))).status_code == 202
    assert edge.mailbox.kept[0][0] == Recipient(None)


async def test_an_envelope_for_nobody_here_is_refused(edge: Edge) -> None:
    answer = await edge.post(envelope(NOBODYS))
    assert answer.status_code == 404
    assert "Nobody here owns a key this envelope is for. Ask" in answer.json()["detail"]
    assert edge.mailbox.kept == []


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/didcomm-encrypted+json", "text/plain", None]
)
async def test_another_media_type_is_refused(edge: Edge, media_type: str | None) -> None:
    answer = await edge.post(envelope(HERS), media_type)
    assert answer.status_code == 415
    assert "Expected the media type application/didcomm-envelope-enc" in answer.json()["detail"]
    assert edge.mailbox.kept == []


def with_header(header: object) -> bytes:
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    return json.dumps({"protected": protected, "iv": "i", "ciphertext": "c", "tag": "t"}).encode()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "the body is not JSON"),
        (b"hello", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"{}", "no 'protected'"),
        (json.dumps({"protected": "e30", "iv": "i", "ciphertext": "c"}).encode(), "no 'tag'"),
        (json.dumps({"protected": "!", "iv": "i", "ciphertext": "c", "tag": "t"}).encode(), "not base64url"),
        (with_header("x"), "the protected header is not a JSON object"),
        (with_header({}), "no list of 1 to 8 recipients"),
        (with_header({"recipients": []}), "no list of 1 to 8 recipients"),
        (with_header({"recipients": [{"header": {"kid": HERS}}] * 9}), "no list of 1 to 8 recipients"),
        (with_header({"recipients": ["x"]}), "a recipient without a base58 key"),
        (with_header({"recipients": [{"header": {}}]}), "a recipient without a base58 key"),
        (
            with_header({"recipients": [{"header": {"kid": "../../admin"}}]}),
            "a recipient without a base58 key",
        ),
    ],
)
async def test_what_is_not_an_envelope_is_refused_with_the_reason(
    edge: Edge, body: bytes, found: str
) -> None:
    answer = await edge.post(body)
    assert answer.status_code == 400
    assert found in answer.json()["detail"]
    assert edge.mailbox.kept == []


async def test_an_envelope_of_the_largest_size_is_kept(edge: Edge) -> None:
    spare = MAX_ENVELOPE - len(envelope(HERS, text=""))
    assert (await edge.post(envelope(HERS, text="x" * spare))).status_code == 202


async def test_an_envelope_too_large_is_refused(edge: Edge) -> None:
    answer = await edge.post(envelope(HERS, text="x" * MAX_ENVELOPE))
    assert answer.status_code == 413
    assert f"({MAX_ENVELOPE} bytes), found more." in answer.json()["detail"]
    assert edge.mailbox.kept == []


async def test_an_endless_envelope_is_refused_while_it_arrives(edge: Edge) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b"x" * 65536

    assert (await edge.post(endless())).status_code == 413
    assert edge.mailbox.kept == []
    assert sent <= 2 * (MAX_ENVELOPE + 65536)


@pytest.mark.parametrize("error", [Unavailable("NATS is away"), MailboxFull("full", retry_after=3600)])
async def test_what_cannot_be_kept_now_is_asked_for_later(edge: Edge, error: Unavailable) -> None:
    edge.mailbox.error = error
    answer = await edge.post(envelope(HERS))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == str(error.retry_after)


async def test_an_agent_that_is_away_is_no_reason_to_say_nobody_is_here(edge: Edge) -> None:
    edge.recipients.error = Unavailable("the agent gave no answer")
    answer = await edge.post(envelope(NOBODYS))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
