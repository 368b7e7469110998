"""Learners' stores: the fake and a real agent keep the same promises, as far as no other party is needed."""

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from shared.adapters.acapy_client import AcapyClient
from shared.adapters.jetstream import Bus
from shared.contracts.streams import MAIN_SHARD
from tests.support.agents import ADMIN_KEY, AgentProcess
from tests.support.nats_server import PASSWORD, running_nats
from tests.support.wait import until
from tests.support.wallet_fakes import MemoryBook, MemorySealed
from wallet.adapters.acapy_wallet import AcapySealedWallets
from wallet.adapters.sharded_wallets import ShardedWallets
from wallet.errors import (
    ArchiveRefused,
    CredentialUnknown,
    OfferUnknown,
    RequestUnknown,
    WalletLocked,
    WalletUnknown,
    WrongKey,
)
from wallet.ports import LearnerStore, SealedWallets

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="session")
async def agents_wallets(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SealedWallets]:
    """A wallet's agent without anything before it."""
    with running_nats() as nats:
        folder = tmp_path_factory.mktemp("sealed")
        agent = AgentProcess("wallet", folder, nats=nats, endpoint="http://127.0.0.1:1/didcomm", host_map={})
        agent.spawn()
        try:
            async with Bus(nats.url, "wallet", PASSWORD), AcapyClient(agent.url, ADMIN_KEY) as client:
                await agent.ready()
                yield ShardedWallets({MAIN_SHARD: AcapySealedWallets(client)}, MemoryBook())
        finally:
            agent.stop()


@pytest.fixture(params=["fake", "agent"])
def sealed(request: pytest.FixtureRequest) -> SealedWallets:
    if request.param == "fake":
        return MemorySealed()
    wallets: SealedWallets = request.getfixturevalue("agents_wallets")
    return wallets


def new_key() -> bytes:
    return secrets.token_bytes(32)


async def new_store(sealed: SealedWallets) -> tuple[str, bytes, LearnerStore]:
    key = new_key()
    wallet_id = (await sealed.create(key)).wallet_id
    return wallet_id, key, sealed.opened(await sealed.open(wallet_id, key))


async def test_a_store_is_made_locked_and_opens_with_its_key_only(sealed: SealedWallets) -> None:
    key = new_key()
    wallet_id = (await sealed.create(key)).wallet_id

    assert await sealed.state(wallet_id) == ("locked", 0)
    with pytest.raises(WrongKey):
        await sealed.open(wallet_id, new_key())
    await sealed.open(wallet_id, key)

    async def is_open() -> bool:
        return await sealed.state(wallet_id) == ("open", 0)

    await until(is_open, 30, "the store is open")
    with pytest.raises(WrongKey):
        await sealed.open(wallet_id, new_key())


async def test_a_locked_store_answers_nothing_and_keeps_what_was_in_it(sealed: SealedWallets) -> None:
    wallet_id, key, store = await new_store(sealed)
    token = await sealed.open(wallet_id, key)
    await store.write_note("history", "1", {"kind": "shared"})

    await sealed.close(wallet_id)
    await sealed.close(wallet_id)

    assert (await sealed.state(wallet_id))[0] == "locked"
    with pytest.raises(WalletLocked):
        await sealed.opened(token).notes("history")
    again = sealed.opened(await sealed.open(wallet_id, key))
    assert await again.note("history", "1") == {"kind": "shared"}


async def test_what_one_store_holds_is_not_in_another(sealed: SealedWallets) -> None:
    _, _, one = await new_store(sealed)
    _, _, other = await new_store(sealed)
    await one.write_note("history", "1", {"first": 1})
    await one.write_note("history", "1", {"second": 2})
    await one.write_note("history", "2", {"third": 3})

    assert await one.notes("history") == {"1": {"second": 2}, "2": {"third": 3}}
    assert await other.notes("history") == {}
    assert await other.note("history", "1") is None


async def test_a_copy_opens_with_the_same_key_and_anything_else_is_refused(sealed: SealedWallets) -> None:
    wallet_id, key, store = await new_store(sealed)

    copied = (await sealed.take_in(await store.sealed_copy())).wallet_id

    assert copied != wallet_id
    with pytest.raises(WrongKey):
        await sealed.open(copied, new_key())
    await sealed.open(copied, key)
    with pytest.raises(ArchiveRefused):
        await sealed.take_in(b"")


async def test_a_new_store_is_empty_and_says_so(sealed: SealedWallets) -> None:
    _, _, store = await new_store(sealed)
    unknown = str(uuid4())

    assert await store.connection_from(unknown) is None
    assert list(await store.offers()) == []
    assert list(await store.requests()) == []
    assert list(await store.credentials()) == []
    with pytest.raises(OfferUnknown):
        await store.offer(unknown)
    with pytest.raises(RequestUnknown):
        await store.request(unknown)
    with pytest.raises(CredentialUnknown):
        await store.credential(unknown)
    await store.remove_credential(unknown)


async def test_a_store_that_is_no_more_is_unknown(sealed: SealedWallets) -> None:
    wallet_id, key, _ = await new_store(sealed)
    await sealed.delete(wallet_id)
    await sealed.delete(wallet_id)
    await sealed.close(wallet_id)

    with pytest.raises(WalletUnknown):
        await sealed.open(wallet_id, key)
    with pytest.raises(WalletUnknown):
        await sealed.state(wallet_id)


async def test_the_room_that_stores_take_is_told_without_opening_any(sealed: SealedWallets) -> None:
    await sealed.create(new_key())

    [room] = (await sealed.rooms()).values()

    assert room is not None
    assert 0 < room.largest_store <= room.stores
    assert 0 < room.free <= room.disk
    assert room.largest_store < room.store_limit
