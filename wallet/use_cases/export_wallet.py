"""Give a learner her whole wallet as an archive."""

from wallet.domain.archive import Archive
from wallet.use_cases.desk import Locks, OpenWallet


async def export_wallet(wallet: OpenWallet, *, locks: Locks) -> Archive:
    """Between two decisions, so that none is half in it. The wallet stays as it is."""
    async with wallet.turn:
        store = await wallet.store.sealed_copy()
    return Archive(locks.clock(), tuple(await locks.book.unlock_methods(wallet.id)), store)
