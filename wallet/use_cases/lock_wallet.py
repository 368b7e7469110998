"""Lock wallets: because the learner says so, because nobody used one for a while, or because this service was restarted."""

from wallet.domain.inbox import Change
from wallet.use_cases.desk import Locks


async def lock_wallet(wallet_id: str, *, locks: Locks) -> None:
    """Lets a decision under way finish, ends every session and closes the store; envelopes for it wait from now on."""
    async with locks.open_wallets.turn(wallet_id):
        await _lock(wallet_id, locks)


async def lock_idle_wallets(*, locks: Locks) -> int:
    """Locks the wallets that were left open; returns how many."""
    locked = 0
    for wallet_id in locks.open_wallets.idle(now=locks.clock()):
        async with locks.open_wallets.turn(wallet_id):
            if wallet_id in locks.open_wallets.idle(
                now=locks.clock()
            ):  # she may have unlocked it while we waited
                await _lock(wallet_id, locks)
                locked += 1
    return locked


async def lock_forgotten_wallets(*, locks: Locks) -> int:
    """Locks what should be locked and is not: wallets open when this service stopped, or that could not be closed.

    Returns how many.
    """
    locked = 0
    for wallet_id in await locks.book.wallets_with_sessions():
        async with locks.open_wallets.turn(wallet_id):
            if locks.open_wallets.of(wallet_id) is None:
                await _lock(wallet_id, locks)
                locked += 1
    return locked


async def _lock(wallet_id: str, locks: Locks) -> None:
    locks.open_wallets.end(wallet_id)
    await locks.sealed.close(wallet_id)
    await locks.book.end_sessions(wallet_id)
    locks.changes.announce(wallet_id, Change("locked", wallet_id))
