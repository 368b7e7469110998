"""The verbs around keys and locks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from shared.ports.errors import Unavailable
from tests.support.wallet_fakes import Clock, MemoryBook, MemoryChanges, MemorySealed
from wallet.adapters.memory_wallets import MemoryChanges as RealChanges
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.inbox import Change
from wallet.domain.unlock import UnlockMethod
from wallet.errors import KeyUnsuitable, WalletLocked, WrongKey
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.desk import Locks
from wallet.use_cases.lock_wallet import lock_forgotten_wallets, lock_idle_wallets, lock_wallet
from wallet.use_cases.unlock_wallet import unlock_wallet

KEY, WRONG = b"k" * 32, b"w" * 32
METHOD = UnlockMethod("m1", "passphrase", {"v": 1})
IDLE = timedelta(minutes=10)


class DatabaseAway(Unavailable):
    """The stand-in for a database that is away."""

    part = "the database"


def some_locks() -> Locks:
    return Locks(MemorySealed(), MemoryBook(), MemoryOpenWallets(IDLE), MemoryChanges(), Clock())


async def test_a_new_wallet_is_open_for_its_token() -> None:
    locks = some_locks()

    session, token = await create_wallet(KEY, [METHOD], locks=locks)

    assert locks.open_wallets.use(token, now=locks.clock()).wallet_id == session.wallet_id
    assert token not in str(locks.book)
    assert KEY not in str(locks.book).encode()


@pytest.mark.parametrize(
    ("key", "methods", "why"),
    [
        (b"short", [METHOD], "32 random bytes"),
        (KEY, [], "at least one unlock method"),
        (KEY, [UnlockMethod("m", "pin", {})], "not known here"),
    ],
)
async def test_an_unsuitable_key_makes_no_wallet(key: bytes, methods: list[UnlockMethod], why: str) -> None:
    locks = some_locks()

    with pytest.raises(KeyUnsuitable, match=why):
        await create_wallet(key, methods, locks=locks)

    assert await locks.book.wallets_with_sessions() == []


async def test_without_the_database_no_store_stays_and_it_is_not_waited_for_twice() -> None:
    class BookAway(MemoryBook):
        asked = 0

        async def add(
            self,
            wallet_id: str,  # noqa: ARG002
            methods: Sequence[UnlockMethod],  # noqa: ARG002
            *,
            now: datetime,  # noqa: ARG002
            shard: str = "main",  # noqa: ARG002
        ) -> None:
            self.asked += 1
            raise DatabaseAway("no answer")

        async def remove(self, wallet_id: str) -> None:  # noqa: ARG002
            self.asked += 1

    book, sealed = BookAway(), MemorySealed()
    locks = Locks(sealed, book, MemoryOpenWallets(IDLE), MemoryChanges(), Clock())

    with pytest.raises(DatabaseAway):
        await create_wallet(KEY, [METHOD], locks=locks)

    assert (sealed.keys, book.asked) == ({}, 1)


async def test_only_the_right_key_unlocks() -> None:
    locks = some_locks()
    session, token = await create_wallet(KEY, [METHOD], locks=locks)
    await lock_wallet(session.wallet_id, locks=locks)

    with pytest.raises(WalletLocked, match="Unlock it with its passphrase"):
        locks.open_wallets.use(token, now=locks.clock())
    with pytest.raises(WrongKey):
        await unlock_wallet(session.wallet_id, WRONG, locks=locks)
    with pytest.raises(WrongKey, match="does not open this wallet"):
        await unlock_wallet("another", KEY, locks=locks)
    assert await locks.book.wallets_with_sessions() == []
    await unlock_wallet(session.wallet_id, KEY, locks=locks)


async def test_a_wrong_key_does_not_end_a_running_session() -> None:
    locks = some_locks()
    session, token = await create_wallet(KEY, [METHOD], locks=locks)

    with pytest.raises(WrongKey):
        await unlock_wallet(session.wallet_id, WRONG, locks=locks)

    assert locks.open_wallets.use(token, now=locks.clock())
    assert await locks.book.wallets_with_sessions() == [session.wallet_id]


async def test_a_wallet_nobody_uses_locks_itself_and_use_keeps_it_open() -> None:
    locks = some_locks()
    assert isinstance(locks.clock, Clock)
    _, token = await create_wallet(KEY, [METHOD], locks=locks)

    locks.clock.forward(IDLE * 0.9)
    locks.open_wallets.use(token, now=locks.clock())
    locks.clock.forward(IDLE * 0.9)
    assert await lock_idle_wallets(locks=locks) == 0

    locks.clock.forward(IDLE)
    with pytest.raises(WalletLocked, match="Unlock it with its passphrase"):
        locks.open_wallets.use(token, now=locks.clock())
    assert await lock_idle_wallets(locks=locks) == 1
    assert isinstance(locks.sealed, MemorySealed)
    assert locks.sealed.open_ones == set()


async def test_after_a_restart_wallets_left_open_are_locked_unless_unlocked_since() -> None:
    before = some_locks()
    left, _ = await create_wallet(KEY, [METHOD], locks=before)
    again, _ = await create_wallet(KEY, [METHOD], locks=before)
    after = Locks(before.sealed, before.book, MemoryOpenWallets(IDLE), MemoryChanges(), Clock())
    await unlock_wallet(again.wallet_id, KEY, locks=after)

    assert await lock_forgotten_wallets(locks=after) == 1

    assert isinstance(after.sealed, MemorySealed)
    assert after.sealed.open_ones == {again.wallet_id}
    assert left.wallet_id not in after.sealed.open_ones


async def test_locking_waits_for_a_decision_under_way() -> None:
    locks = some_locks()
    session, _ = await create_wallet(KEY, [METHOD], locks=locks)

    async with locks.open_wallets.turn(session.wallet_id):
        locking = asyncio.create_task(lock_wallet(session.wallet_id, locks=locks))
        await asyncio.sleep(0)
        assert (await locks.sealed.state(session.wallet_id))[0] == "open"
    await locking
    assert (await locks.sealed.state(session.wallet_id))[0] == "locked"


async def test_followers_hear_of_their_own_wallet_until_it_is_locked() -> None:
    changes = RealChanges()
    heard: list[Change] = []

    async def follow() -> None:
        heard.extend([change async for change in changes.follow("w1")])

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    changes.announce("w2", Change("offer", "not hers"))
    changes.announce("w1", Change("offer", "o1"))
    changes.announce("w1", Change("locked", "w1"))
    await asyncio.wait_for(following, 5)

    assert heard == [Change("offer", "o1"), Change("locked", "w1")]


async def test_the_session_begun_last_is_the_one_that_opens() -> None:
    locks = some_locks()
    first, _ = await create_wallet(KEY, [METHOD], locks=locks)
    second, _ = await unlock_wallet(first.wallet_id, KEY, locks=locks)

    assert locks.open_wallets.of(first.wallet_id) == second
    assert locks.open_wallets.all() == [first.wallet_id]
