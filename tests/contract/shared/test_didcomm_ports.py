"""One suite for the ports of the DIDComm edge: the fakes that unit tests use, and the real adapters."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import httpx
import pytest

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_recipients import AgentRecipients
from shared.adapters.jetstream import Bus
from shared.adapters.jetstream_mailbox import JetstreamMailbox
from shared.contracts.streams import DIDCOMM_IN
from shared.ports.didcomm import FindRecipient, KeepEnvelope, Recipient
from tests.support.agent_http import asking
from tests.support.fakes import MemoryMailbox, MemoryRecipients

OWNERS: dict[str, str | None] = {"hers": "wallet-1", "ours": None}
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def agent(request: httpx.Request) -> httpx.Response:
    """What the agent's plugin answers."""
    key = request.url.path.rpartition("/")[2]
    if key not in OWNERS:
        return httpx.Response(404, json={"error": "nobody"})
    return httpx.Response(200, json={"wallet_id": OWNERS[key]})


@pytest.fixture(params=["fake", "agent"])
def find(request: pytest.FixtureRequest) -> FindRecipient:
    if request.param == "fake":
        return MemoryRecipients({key: Recipient(owner) for key, owner in OWNERS.items()})
    return AgentRecipients(AcapyClient("http://agent", "key", ask=asking(httpx.MockTransport(agent))))


async def test_the_owner_of_a_key_is_told_apart_from_nobody(find: FindRecipient) -> None:
    assert await find("hers") == Recipient("wallet-1")
    assert await find("ours") == Recipient(None)
    assert await find("nobodys") is None


type Kept = Callable[[], Awaitable[Sequence[bytes]]]


@pytest.fixture(params=["fake", "jetstream"])
def mailbox(request: pytest.FixtureRequest, bus: Bus) -> tuple[KeepEnvelope, Kept]:
    if request.param == "fake":
        fake = MemoryMailbox()

        async def in_memory() -> Sequence[bytes]:
            return [envelope for _, envelope in fake.kept]

        return fake, in_memory

    async def in_stream() -> Sequence[bytes]:
        state = (await bus.js.stream_info(DIDCOMM_IN.name)).state
        found = [await bus.js.get_msg(DIDCOMM_IN.name, number + 1) for number in range(state.messages)]
        return [message.data or b"" for message in found]

    return JetstreamMailbox(bus.js, clock=lambda: NOW), in_stream


async def test_envelopes_are_kept_in_order_and_each_once(mailbox: tuple[KeepEnvelope, Kept]) -> None:
    keep, kept = mailbox
    for envelope in (b"one", b"two", b"one"):
        await keep(Recipient("wallet-1"), envelope)
    await keep(Recipient(None), b"three")
    assert await kept() == [b"one", b"two", b"three"]
