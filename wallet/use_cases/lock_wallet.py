"""Lock wallets: because the learner says so, because nobody used one for a while, or because it could not be closed before."""

from collections.abc import Awaitable, Callable, Sequence

from wallet.domain.inbox import Change
from wallet.errors import AgentSilent
from wallet.use_cases.desk import Locks, SilentShards


async def lock_wallet(wallet_id: str, *, locks: Locks) -> None:
    """Lets a decision under way finish, ends every session and closes the store; envelopes for it wait from now on."""
    async with locks.open_wallets.turn(wallet_id):
        await _lock(wallet_id, locks)


async def lock_idle_wallets(*, locks: Locks) -> int:
    """Locks the wallets that were left open; returns how many."""
    await locks.open_wallets.forget_ended(now=locks.clock())

    async def idle() -> Sequence[str]:
        return await locks.open_wallets.idle(now=locks.clock())

    return await _lock_those(idle, locks)


async def lock_forgotten_wallets(*, locks: Locks) -> int:
    """Closes stores that should be closed and are not: their agent was away, or this service died in between.

    Returns how many.
    """
    return await _lock_those(locks.book.wallets_to_close, locks)


async def _lock_those(find: Callable[[], Awaitable[Sequence[str]]], locks: Locks) -> int:
    """Those of a shard that is away wait for another time, and keep no others waiting."""
    locked, silent = 0, SilentShards(locks.book)
    for wallet_id in await find():
        if await silent.include(wallet_id):
            continue
        async with locks.open_wallets.turn(wallet_id):
            if wallet_id not in await find():  # she may have unlocked it while we waited
                continue
            try:
                await _lock(wallet_id, locks)
            except AgentSilent:
                await silent.add(wallet_id)
            else:
                locked += 1
    return locked


async def _lock(wallet_id: str, locks: Locks) -> None:
    """Its sessions end at once, whatever becomes of the rest."""
    locks.open_wallets.end(wallet_id)
    try:
        await locks.book.void_sessions(wallet_id)
    finally:
        await locks.sealed.close(wallet_id)
    await locks.book.end_sessions(wallet_id)
    locks.changes.announce(wallet_id, Change("locked", wallet_id))
