"""Sessions are taken over by the next reader, and only those that may be."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from acapy_agent.askar.profile_anon import AskarAnonCredsProfile, AskarAnonCredsProfileSession
from acapy_agent.utils.testing import create_test_profile
from aries_askar import AskarError, Session

from services.agent.adapters import idle_sessions
from services.agent.adapters.idle_sessions import (
    closing_idle,
    idle_in,
    leaving_sessions_open,
    noting_failures,
    taking_over,
)
from tests.support.wait import until


@pytest.fixture
async def profile(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AskarAnonCredsProfile]:
    opened = AskarAnonCredsProfileSession
    monkeypatch.setattr(opened, "_setup", taking_over(opened._setup))
    monkeypatch.setattr(opened, "_teardown", leaving_sessions_open(opened._teardown))
    monkeypatch.setattr(opened, "__aexit__", noting_failures(opened.__aexit__))
    monkeypatch.setattr(AskarAnonCredsProfile, "close", closing_idle(AskarAnonCredsProfile.close))
    made: AskarAnonCredsProfile = await create_test_profile({"wallet.type": "askar-anoncreds"})
    await asyncio.sleep(0)
    yield made
    await made.close()


async def test_the_next_reader_takes_over_the_session_and_finds_what_was_written(
    profile: AskarAnonCredsProfile,
) -> None:
    async with profile.session() as session:
        first = session.handle
        await first.insert("kind", "name", "value")
    async with profile.session() as session:
        assert session.handle is first
        assert await session.handle.fetch("kind", "name") is not None
        assert idle_in(profile.store) == 0


async def test_two_at_once_never_share_a_session(profile: AskarAnonCredsProfile) -> None:
    async with profile.session() as one, profile.session() as other:
        assert one.handle is not other.handle
    async with profile.session() as one, profile.session() as other:
        assert one.handle is not other.handle
    assert idle_in(profile.store) == 2


async def test_a_store_never_gets_a_session_of_another_store(profile: AskarAnonCredsProfile) -> None:
    async with profile.session() as session:
        hers = session.handle
        await session.handle.insert("kind", "name", "hers")
    other: AskarAnonCredsProfile = await create_test_profile({"wallet.type": "askar-anoncreds"})
    try:
        assert (idle_in(profile.store), idle_in(other.store)) == (1, 0)
        async with other.session() as session:
            assert session.handle is not hers
            assert await session.handle.fetch("kind", "name") is None
        assert (idle_in(profile.store), idle_in(other.store)) == (1, 1)
    finally:
        await other.close()
    async with profile.session() as session:
        assert session.handle is hers


async def test_a_use_that_failed_or_was_cut_short_leaves_no_session(profile: AskarAnonCredsProfile) -> None:
    async def use(handles: list[Session], failure: type[BaseException]) -> None:
        async with profile.session() as session:
            handles.append(session.handle)
            raise failure

    for failure in (ValueError, asyncio.CancelledError):
        handles: list[Session] = []
        with pytest.raises(failure):
            await use(handles, failure)
        assert idle_in(profile.store) == 0
        with pytest.raises(AskarError, match="closed session"):
            await handles[0].fetch("kind", "name")


async def test_a_transaction_is_closed_as_ever_and_undone_without_commit(
    profile: AskarAnonCredsProfile,
) -> None:
    async with profile.transaction() as txn:
        await txn.handle.insert("kind", "name", "value")
    assert idle_in(profile.store) == 0
    async with profile.session() as session:
        assert not session.is_transaction
        assert await session.handle.fetch("kind", "name") is None
    async with profile.transaction() as txn:
        assert txn.handle.is_transaction
        assert idle_in(profile.store) == 1


async def test_few_wait_and_none_for_long(
    profile: AskarAnonCredsProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_sessions, "REST_SECONDS", 0.02)
    monkeypatch.setattr(idle_sessions, "IDLE_SESSIONS", 1)
    async with profile.session(), profile.session():
        assert idle_in(profile.store) == 0
    assert idle_in(profile.store) == 1
    await until(lambda: idle_in(profile.store) == 0, 5, "no session waits any more")


async def test_who_waits_for_a_place_gets_that_of_a_session_given_back(
    profile: AskarAnonCredsProfile,
) -> None:
    idle = idle_sessions._idle_for(profile.session())
    assert idle is not None
    async with profile.session():
        idle.awaited += 1
    assert idle_in(profile.store) == 0
    idle.awaited -= 1
    async with profile.session(), profile.transaction():
        assert idle.awaited == 0
    assert idle_in(profile.store) == 1


async def test_closing_the_store_closes_those_that_wait_and_those_that_come_late(
    profile: AskarAnonCredsProfile,
) -> None:
    store = profile.store
    late = profile.session()
    await late.__aenter__()
    async with profile.session() as session:
        waiting = session.handle
    handle = late.handle
    await profile.close()
    assert idle_in(store) == 0
    with pytest.raises(AskarError, match="closed session"):
        await waiting.fetch("kind", "name")
    await late.__aexit__(None, None, None)
    assert idle_in(store) == 0
    with pytest.raises(AskarError, match="closed session"):
        await handle.fetch("kind", "name")
