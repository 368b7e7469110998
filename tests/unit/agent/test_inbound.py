"""An envelope is done with when its handler ended well, and only then."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from acapy_agent.transport.inbound.manager import InboundTransportManager
from acapy_agent.transport.inbound.message import InboundMessage
from acapy_agent.transport.inbound.receipt import MessageReceipt
from acapy_agent.utils.task_queue import CompletedTask

from services.agent import patches
from services.agent.adapters.jetstream_inbound import JetStreamInbound
from services.agent.adapters.jetstream_outbound import NotStored
from services.agent.domain.owner import Owner
from services.agent.errors import HandlingFailed, LeaseLost
from shared.ports.errors import Unavailable
from tests.support.agent_fakes import MemoryLease


class Store:
    """The base wallet's store, as far as it remembers envelopes."""

    def __init__(self) -> None:
        self.handled: set[str] = set()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        yield SimpleNamespace(handle=self)

    async def fetch(self, _category: str, message_id: str) -> str | None:
        return message_id if message_id in self.handled else None

    async def insert(self, _category: str, message_id: str, *_: object, **__: object) -> None:
        self.handled.add(message_id)


class AcaPy:
    """Hands each envelope to a handler that ends as told, and reports it complete either way, as ACA-Py does."""

    def __init__(self, *endings: Exception | None) -> None:
        self.endings = list(endings)
        self.handed: list[bytes] = []

    async def create_session(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        @asynccontextmanager
        async def session() -> AsyncIterator[None]:
            yield

        made = session()
        made.receive = self.receive  # type: ignore[attr-defined]
        return made

    async def receive(self, envelope: bytes) -> InboundMessage:
        self.handed.append(envelope)
        message = InboundMessage(envelope, MessageReceipt())
        asyncio.get_running_loop().call_soon(self._complete, message, self.endings.pop(0))
        return message

    @staticmethod
    def _complete(message: InboundMessage, error: Exception | None) -> None:
        exc_info = (type(error), error, None) if error else None
        manager = SimpleNamespace(sessions={})
        InboundTransportManager.dispatch_complete(manager, message, CompletedTask(None, exc_info))


@pytest.fixture(autouse=True)
def handler_failures_are_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in our agents, for one test."""
    monkeypatch.setattr(
        InboundTransportManager, "dispatch_complete", InboundTransportManager.dispatch_complete
    )
    patches.keep_handler_failures()
    yield
    monkeypatch.undo()


def inbound(aca_py: AcaPy, lease: MemoryLease | None = None) -> JetStreamInbound:
    transport = JetStreamInbound("", 0, aca_py.create_session, root_profile=Store())
    transport._wallets = None
    transport._link = SimpleNamespace(lease=lease or MemoryLease([]))  # type: ignore[assignment]
    return transport


async def test_a_handler_that_raised_leaves_the_envelope_undone_and_its_words_unsaid() -> None:
    aca_py = AcaPy(KeyError("Amina's name"), None)
    transport = inbound(aca_py)
    with pytest.raises(HandlingFailed, match=r"^KeyError$"):
        await transport._handle_once(Owner(None), b"envelope", "id-1")
    assert transport.root_profile.handled == set()

    await transport._handle_once(Owner(None), b"envelope", "id-1")
    assert transport.root_profile.handled == {"id-1"}
    assert aca_py.handed == [b"envelope"] * 2


async def test_while_nothing_can_be_sent_an_envelope_waits_and_never_becomes_poison() -> None:
    transport = inbound(AcaPy(NotStored("the stream keeps no more"), None))
    with pytest.raises(Unavailable, match="cannot be stored now"):
        await transport._handle_once(Owner(None), b"envelope", "id-1")
    assert transport.root_profile.handled == set()


async def test_an_envelope_that_was_handled_is_not_handed_over_again() -> None:
    aca_py = AcaPy(None, None)
    transport = inbound(aca_py)
    for message_id in ("id-1", "id-1", "id-2"):
        await transport._handle_once(Owner(None), message_id.encode(), message_id)
    assert aca_py.handed == [b"id-1", b"id-2"]


async def test_a_process_that_was_displaced_while_it_was_paused_handles_nothing() -> None:
    aca_py, claims = AcaPy(None), list[MemoryLease]()
    displaced = MemoryLease(claims)
    transport = inbound(aca_py, displaced)
    MemoryLease(claims)
    displaced.paused = True
    with pytest.raises(LeaseLost, match="its stores now belong to claim 2"):
        await transport._handle_once(Owner(None), b"envelope", "id-1")
    assert aca_py.handed == []
