"""What leaves the agent is stored, or the send fails for whoever sent."""

import asyncio
from types import SimpleNamespace
from typing import Any

import nats.errors
import nats.js.errors
import pytest

from services.agent.adapters.jetstream_outbound import EndpointRefused, JetStreamOutbound, NotStored
from services.agent.adapters.traces import Threads
from services.agent.errors import LeaseLost
from tests.support.agent_fakes import MemoryLease


class JetStream:
    """Keeps what is published, or does not answer."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away
        self.kept: list[tuple[str, bytes, dict[str, str]]] = []
        self.claims: list[MemoryLease] = []
        self.forgets = 0
        """How often it does not know the claim any more."""

    async def publish(self, subject: str, data: bytes, *, headers: dict[str, str], **_: object) -> None:
        if self.away:
            raise nats.errors.TimeoutError
        if self.forgets or headers["claim"] != str(len(self.claims)):
            self.forgets -= 1
            raise nats.js.errors.BadRequestError(code=400, err_code=10071, description="wrong last sequence")
        self.kept.append((subject, data, headers))


def outbound(jetstream: JetStream, *, connected: bool = True) -> JetStreamOutbound:
    transport = JetStreamOutbound(root_profile=None)
    transport.patience = 0.01
    nats_client = SimpleNamespace(is_connected=connected)
    lease = MemoryLease(jetstream.claims)
    transport.link = SimpleNamespace(jetstream=jetstream, nats=nats_client, lease=lease, threads=Threads())  # type: ignore[assignment]
    transport._turn = asyncio.Lock()
    return transport


def message(payload: bytes | str) -> Any:  # noqa: ANN401
    return SimpleNamespace(payload=payload, message=SimpleNamespace(reply_thread_id="t1"))


async def test_a_message_is_stored_for_its_endpoint_before_the_send_returns() -> None:
    jetstream = JetStream()
    await outbound(jetstream).handle_message(None, message("packed"), "https://a.example/didcomm")
    [(subject, body, headers)] = jetstream.kept
    assert subject.startswith("didcomm.out.")
    assert body == b"packed"
    assert headers["Ujuzi-Endpoint"] == "https://a.example/didcomm"
    assert len(headers["Nats-Msg-Id"]) == 64


async def test_a_message_that_is_not_stored_fails_its_sender() -> None:
    with pytest.raises(NotStored):
        await outbound(JetStream(away=True)).handle_message(None, message(b"x"), "https://a.example/")


async def test_what_nats_does_not_take_for_a_forgotten_claim_is_sent_again_once_the_claim_is_made() -> None:
    jetstream = JetStream()
    transport = outbound(jetstream)
    jetstream.forgets = 1
    await transport.handle_message(None, message(b"packed"), "https://a.example/")
    assert [body for _, body, _ in jetstream.kept] == [b"packed"]


async def test_who_lost_the_lease_sends_nothing() -> None:
    jetstream = JetStream()
    displaced = outbound(jetstream)
    outbound(jetstream)
    with pytest.raises(LeaseLost, match="its stores now belong to claim 2"):
        await displaced.handle_message(None, message(b"packed"), "https://a.example/")
    assert not jetstream.kept


@pytest.mark.parametrize(
    "endpoint", [None, "", "didcomm:transport/queue", "ws://a.example/", "file:///etc/passwd"]
)
async def test_only_http_endpoints_are_taken(endpoint: str | None) -> None:
    jetstream = JetStream()
    with pytest.raises(EndpointRefused, match="Expected an http"):
        await outbound(jetstream).handle_message(None, message(b"x"), endpoint)
    assert not jetstream.kept
