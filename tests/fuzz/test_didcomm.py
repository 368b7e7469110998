"""The DIDComm door and what comes out of envelopes: any request is answered, any presentation gets one verdict."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from hypothesis import example, given
from hypothesis import strategies as st

from services.agent.domain import envelope as agent_envelope
from services.agent.errors import NotAnEnvelope
from shared.ports.didcomm import Recipient
from shared.web.app import create_app
from shared.web.didcomm_edge import MAX_ENVELOPE, MEDIA_TYPES, didcomm_router
from tests.fuzz.hostile import DEEP_JSON, changed, damaged, written
from tests.support.envelopes import envelope, verkey
from tests.support.fakes import MemoryMailbox, MemoryRecipients

HERS = verkey(1)
GENUINE = json.loads(envelope(HERS))
PROTECTED = json.loads(base64.urlsafe_b64decode(GENUINE["protected"]))
ANSWERS = {202, 400, 404, 411, 413, 415}


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


MAILBOX = MemoryMailbox()
APP = create_app(
    "Edge",
    lifespan=nothing,
    routers=[didcomm_router(MemoryRecipients({HERS: Recipient("wallet-1")}), MAILBOX)],
    ready_checks={},
    max_body_by_path={"/didcomm": MAX_ENVELOPE},
)


async def sent(body: bytes, headers: Mapping[bytes, bytes]) -> httpx.Response:
    transport = httpx.ASGITransport(APP)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        return await client.post("/didcomm", content=body, headers=list(headers.items()))


def with_protected(header: str) -> bytes:
    encoded = base64.urlsafe_b64encode(header.encode("utf-8", "surrogatepass")).decode()
    return json.dumps(GENUINE | {"protected": encoded}).encode()


BODIES = (
    st.binary(max_size=300)
    | damaged(envelope(HERS))
    | changed(GENUINE).flatmap(written).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | changed(PROTECTED).flatmap(written).map(with_protected)
    | DEEP_JSON.map(str.encode)
    | DEEP_JSON.map(with_protected)
)
MEDIA = st.sampled_from([*MEDIA_TYPES, "", "application/json", "text/csv; charset=\xff", "*/*"]) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255), max_size=40
)


@given(BODIES, MEDIA)
@example(with_protected("[" * 100_000), MEDIA_TYPES[0])
@example(b"[" * MAX_ENVELOPE, MEDIA_TYPES[0])
@example(b"[" * (MAX_ENVELOPE + 1), MEDIA_TYPES[0])
async def test_the_door_answers_any_request(body: bytes, media_type: str) -> None:
    before = len(MAILBOX.kept)
    answer = await sent(body, {b"content-type": media_type.strip().encode("latin-1")})

    assert answer.status_code in ANSWERS
    if answer.status_code != 202:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert len(MAILBOX.kept) == before
    MAILBOX.kept.clear()


@given(BODIES)
def test_the_agent_reads_the_recipients_of_any_envelope_or_refuses_it(body: bytes) -> None:
    try:
        keys = agent_envelope.recipient_keys(body)
    except NotAnEnvelope:
        return
    assert keys
