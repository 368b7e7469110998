"""Each session that a message opens is closed, whatever becomes of the message."""

import gc
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from acapy_agent.askar.profile_anon import AskarAnonCredsProfile, AskarAnonCredsProfileSession
from acapy_agent.transport.inbound.session import InboundSession
from acapy_agent.transport.outbound.manager import OutboundTransportManager
from acapy_agent.utils.testing import create_test_profile

from services.agent import patches


class Format:
    """Reads and writes, or fails to."""

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails

    async def parse_message(self, session: AskarAnonCredsProfileSession, body: bytes) -> tuple[bytes, None]:
        return await self._used(session, body), None

    async def encode_message(
        self, session: AskarAnonCredsProfileSession, body: bytes, *_keys: object
    ) -> bytes:
        return await self._used(session, body)

    async def _used(self, session: AskarAnonCredsProfileSession, body: bytes) -> bytes:
        assert await session.handle.fetch("kind", "name") is None
        if self._fails:
            raise ValueError("does not open")
        return body


@pytest.fixture
async def profile(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AskarAnonCredsProfile]:
    monkeypatch.setattr(InboundSession, "parse_inbound", InboundSession.parse_inbound)
    monkeypatch.setattr(OutboundTransportManager, "perform_encode", OutboundTransportManager.perform_encode)
    patches.close_sessions_of_messages()
    made: AskarAnonCredsProfile = await create_test_profile({"wallet.type": "askar-anoncreds"})
    gc.disable()
    yield made
    gc.enable()
    await made.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[AskarAnonCredsProfileSession]:
    sessions: list[AskarAnonCredsProfileSession] = []
    original = AskarAnonCredsProfileSession._setup

    async def setup(self: AskarAnonCredsProfileSession) -> None:
        sessions.append(self)
        await original(self)

    monkeypatch.setattr(AskarAnonCredsProfileSession, "_setup", setup)
    return sessions


async def test_one_that_is_read(
    profile: AskarAnonCredsProfile, opened: list[AskarAnonCredsProfileSession]
) -> None:
    inbound = _inbound(profile, Format(fails=False))
    message = await inbound.parse_inbound(b"hello")
    assert (message.payload, message.session_id, message.transport_type) == (b"hello", "one", "jetstream")
    assert [one.active for one in opened] == [False]


async def test_one_that_does_not_open(
    profile: AskarAnonCredsProfile, opened: list[AskarAnonCredsProfileSession]
) -> None:
    inbound = _inbound(profile, Format(fails=True))
    with pytest.raises(ValueError, match="does not open"):
        await inbound.parse_inbound(b"hello")
    assert [(one.active, one.handle) for one in opened] == [(False, None)]


@pytest.mark.parametrize("fails", [False, True])
async def test_one_that_is_sent(
    profile: AskarAnonCredsProfile, opened: list[AskarAnonCredsProfileSession], *, fails: bool
) -> None:
    to = SimpleNamespace(recipient_keys=["to"], routing_keys=[], sender_key="from")
    queued = SimpleNamespace(
        profile=profile, message=SimpleNamespace(payload=b"hello"), target=to, payload=None
    )
    try:
        await OutboundTransportManager.perform_encode(SimpleNamespace(), queued, Format(fails=fails))
    except ValueError:
        assert fails
    assert queued.payload == (None if fails else b"hello")
    assert [(one.active, one.handle) for one in opened] == [(False, None)]


def _inbound(profile: AskarAnonCredsProfile, wire_format: Format) -> InboundSession:
    return InboundSession(
        profile=profile,
        inbound_handler=lambda *_given, **_more: None,
        session_id="one",
        wire_format=wire_format,
        transport_type="jetstream",
    )
