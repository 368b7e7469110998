"""The verbs around keys and locks."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from shared.ports.errors import Unavailable
from tests.support.wallet_fakes import Clock, MemoryBook, MemoryChanges, MemorySealed
from wallet.adapters.memory_wallets import MemoryChanges as RealChanges
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.inbox import Change
from wallet.domain.unlock import UnlockMethod
from wallet.errors import AgentSilent, KeyUnsuitable, WalletLocked, WrongKey
from wallet.use_cases.change_unlock_methods import put_unlock_method, remove_unlock_method
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
    book = MemoryBook()
    return Locks(MemorySealed(), book, MemoryOpenWallets(IDLE, book), MemoryChanges(), Clock())


def another_replica(locks: Locks) -> Locks:
    """Over the same book and stores, with a memory of its own."""
    return Locks(locks.sealed, locks.book, MemoryOpenWallets(IDLE, locks.book), MemoryChanges(), locks.clock)


async def test_a_new_wallet_is_open_for_its_token() -> None:
    locks = some_locks()

    session, token = await create_wallet(KEY, [METHOD], locks=locks)

    assert (await locks.open_wallets.use(token, now=locks.clock())).wallet_id == session.wallet_id
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
    locks = Locks(sealed, book, MemoryOpenWallets(IDLE, book), MemoryChanges(), Clock())

    with pytest.raises(DatabaseAway):
        await create_wallet(KEY, [METHOD], locks=locks)

    assert (sealed.keys, book.asked) == ({}, 1)


async def test_only_the_right_key_unlocks() -> None:
    locks = some_locks()
    session, token = await create_wallet(KEY, [METHOD], locks=locks)
    await lock_wallet(session.wallet_id, locks=locks)

    with pytest.raises(WalletLocked, match="Unlock it with its passphrase"):
        await locks.open_wallets.use(token, now=locks.clock())
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

    assert await locks.open_wallets.use(token, now=locks.clock())
    assert await locks.book.wallets_with_sessions() == [session.wallet_id]


async def test_a_wallet_nobody_uses_locks_itself_and_use_keeps_it_open() -> None:
    locks = some_locks()
    assert isinstance(locks.clock, Clock)
    _, token = await create_wallet(KEY, [METHOD], locks=locks)

    locks.clock.forward(IDLE * 0.9)
    await locks.open_wallets.use(token, now=locks.clock())
    locks.clock.forward(IDLE * 0.9)
    assert await lock_idle_wallets(locks=locks) == 0

    locks.clock.forward(IDLE * 1.05)
    with pytest.raises(WalletLocked, match="Unlock it with its passphrase"):
        await locks.open_wallets.use(token, now=locks.clock())
    assert await lock_idle_wallets(locks=locks) == 1
    assert isinstance(locks.sealed, MemorySealed)
    assert locks.sealed.open_ones == set()


async def test_a_learner_may_meet_another_replica_at_each_call() -> None:
    here = some_locks()
    there = another_replica(here)
    session, token = await create_wallet(KEY, [METHOD], locks=here)

    found = await there.open_wallets.use(token, now=there.clock())
    assert (found.wallet_id, found.agent_token) == (session.wallet_id, session.agent_token)
    with pytest.raises(WalletLocked, match="Unlock it with its passphrase"):
        await there.open_wallets.use(token + "x", now=there.clock())


async def test_what_replicas_share_opens_nothing_without_the_sessions_own_token() -> None:
    class Telling(MemorySealed):
        async def open(self, wallet_id: str, wallet_key: bytes) -> str:
            await super().open(wallet_id, wallet_key)
            return "main/the-agents-token"

    book = MemoryBook()
    locks = Locks(Telling(), book, MemoryOpenWallets(IDLE, book), MemoryChanges(), Clock())
    _, token = await create_wallet(KEY, [METHOD], locks=locks)

    kept = repr(book)
    assert "the-agents-token" not in kept
    assert token not in kept
    [sealed] = book.tokens.values()
    for guess in (*book.tokens, *book.sessions.values()):
        with pytest.raises(CryptoError):
            SecretBox(hashlib.sha256(b"ujuzi agent token\0" + guess.encode()).digest()).decrypt(sealed)


async def test_a_wallet_locked_in_one_replica_is_locked_in_all() -> None:
    here = some_locks()
    there = another_replica(here)
    session, token = await create_wallet(KEY, [METHOD], locks=here)
    known = await there.open_wallets.use(token, now=there.clock())
    await lock_wallet(session.wallet_id, locks=here)

    with pytest.raises(WalletLocked):
        there.sealed.opened(known.agent_token)
    with pytest.raises(WalletLocked, match="Unlock it"):
        await put_unlock_method(known, METHOD, locks=there)
    with pytest.raises(WalletLocked, match="Unlock it"):
        await remove_unlock_method(known, "m1", locks=there)
    assert await lock_idle_wallets(locks=there) == 0
    with pytest.raises(WalletLocked, match="Unlock it"):
        await there.open_wallets.use(token, now=there.clock())


async def test_use_in_any_replica_keeps_a_wallet_open() -> None:
    here = some_locks()
    there = another_replica(here)
    assert isinstance(here.clock, Clock)
    _, token = await create_wallet(KEY, [METHOD], locks=here)

    for _ in range(3):
        here.clock.forward(IDLE * 0.6)
        await there.open_wallets.use(token, now=there.clock())
        assert await lock_idle_wallets(locks=here) == 0
    await here.open_wallets.use(token, now=here.clock())
    here.clock.forward(IDLE * 1.05)
    assert [await lock_idle_wallets(locks=one) for one in (there, here)] == [1, 0]


async def test_an_agent_that_is_away_leaves_the_wallet_to_be_closed_by_any_replica() -> None:
    class Away(MemorySealed):
        away = True

        async def close(self, wallet_id: str) -> None:
            if self.away:
                raise AgentSilent("no answer")
            await super().close(wallet_id)

    sealed, book = Away(), MemoryBook()
    here = Locks(sealed, book, MemoryOpenWallets(IDLE, book), MemoryChanges(), Clock())
    session, token = await create_wallet(KEY, [METHOD], locks=here)
    there = another_replica(here)
    with pytest.raises(AgentSilent):
        await lock_wallet(session.wallet_id, locks=here)

    with pytest.raises(WalletLocked):
        await there.open_wallets.use(token, now=there.clock())
    assert await lock_forgotten_wallets(locks=there) == 0
    sealed.away = False
    assert await lock_forgotten_wallets(locks=there) == 1
    assert sealed.open_ones == set()
    assert await book.wallets_with_sessions() == []


async def test_a_shard_that_is_away_is_not_waited_for_long_and_keeps_no_other_wallet_open() -> None:
    class Away(MemorySealed):
        waited = 0

        async def close(self, wallet_id: str) -> None:
            if await book.shard_of(wallet_id) == "away":
                self.waited += 1
                raise AgentSilent("no answer")
            await super().close(wallet_id)

    sealed, book = Away(), MemoryBook()
    locks = Locks(sealed, book, MemoryOpenWallets(IDLE, book), MemoryChanges(), Clock())
    assert isinstance(locks.clock, Clock)
    for shard in (*["away"] * 5, "main"):
        session, _ = await create_wallet(KEY, [METHOD], locks=locks)
        book.shards[session.wallet_id] = shard

    locks.clock.forward(IDLE * 2)
    assert await lock_idle_wallets(locks=locks) == 1
    assert sealed.waited == 3


async def test_a_session_cut_off_before_its_store_was_open_is_cleared_away() -> None:
    locks = some_locks()
    session, _ = await create_wallet(KEY, [METHOD], locks=locks)
    await lock_wallet(session.wallet_id, locks=locks)
    await locks.book.add_session(session.wallet_id, "begun and killed", now=locks.clock())

    assert await lock_forgotten_wallets(locks=locks) == 1
    assert await locks.book.wallets_with_sessions() == []


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
