"""What time does to wallets, and what it leaves alone."""

from datetime import timedelta

from tests.support.wallet_fakes import Clock, MemoryBook, MemoryChanges, MemorySealed
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.retention import LOOK_AGAIN, NEVER_USED_KEPT
from wallet.domain.unlock import UnlockMethod
from wallet.use_cases.create_wallet import create_wallet
from wallet.use_cases.desk import Locks
from wallet.use_cases.forget_past import ForgetWhileOpen, delete_never_used
from wallet.use_cases.import_wallet import import_wallet
from wallet.use_cases.lock_wallet import lock_wallet
from wallet.use_cases.unlock_wallet import unlock_wallet

KEY = b"k" * 32
METHOD = UnlockMethod("m1", "passphrase", {"v": 1})
MOMENT = timedelta(seconds=1)


class World:
    def __init__(self) -> None:
        self.clock, self.sealed, self.book = Clock(), MemorySealed(), MemoryBook()
        opened = MemoryOpenWallets(timedelta(days=9999), self.book)
        self.locks = Locks(self.sealed, self.book, opened, MemoryChanges(), self.clock)

    async def wallet(self, *, locked: bool = True) -> str:
        session, _ = await create_wallet(KEY, [METHOD], locks=self.locks)
        if locked:
            await lock_wallet(session.wallet_id, locks=self.locks)
        return session.wallet_id

    async def after(self, time: timedelta) -> int:
        self.clock.now += time
        return await delete_never_used(self.clock(), locks=self.locks)


async def test_a_wallet_that_never_was_used_goes_after_its_time() -> None:
    world = World()
    wallet_id = await world.wallet()

    assert await world.after(NEVER_USED_KEPT) == 0
    assert await world.after(MOMENT) == 1

    assert world.sealed.keys == {}
    assert world.book.methods == {}
    assert await world.after(NEVER_USED_KEPT) == 0, wallet_id


async def test_opening_it_begins_the_time_anew() -> None:
    world = World()
    wallet_id = await world.wallet()
    world.clock.now += NEVER_USED_KEPT
    await unlock_wallet(wallet_id, KEY, locks=world.locks)
    await lock_wallet(wallet_id, locks=world.locks)
    assert await world.after(MOMENT) == 0
    assert await world.after(NEVER_USED_KEPT) == 1


async def test_a_wallet_that_anybody_may_write_to_stays_for_ever() -> None:
    world = World()
    wallet_id = await world.wallet()
    world.sealed.stores[wallet_id].connections["invitation"] = "connection"
    assert await world.after(2 * NEVER_USED_KEPT) == 0
    del world.sealed.stores[wallet_id].connections["invitation"]
    assert await world.after(2 * NEVER_USED_KEPT) == 0, "it was in touch once"


async def test_a_wallet_from_elsewhere_stays_for_ever() -> None:
    world = World()
    session, _ = await import_wallet(KEY, [METHOD], KEY, locks=world.locks)
    await lock_wallet(session.wallet_id, locks=world.locks)
    assert await world.after(2 * NEVER_USED_KEPT) == 0


async def test_an_open_store_is_looked_through_once_a_day_and_a_locked_one_never() -> None:
    world = World()
    opened, locked = await world.wallet(locked=False), await world.wallet()
    for wallet_id in (opened, locked):
        world.sealed.stores[wallet_id].past = 3
        world.sealed.stores[wallet_id].connections["invitation"] = "connection"
    forget = ForgetWhileOpen(world.locks)

    await forget()
    assert world.sealed.stores[locked].past == 3
    assert opened not in world.book.never_used_since
    assert (await forget.count(world.clock()), await forget.count(world.clock())) == (3, 0)

    world.sealed.stores[opened].past = 2
    await forget()
    assert await forget.count(world.clock()) == 0
    world.clock.now += LOOK_AGAIN
    await forget()
    assert await forget.count(world.clock()) == 2
