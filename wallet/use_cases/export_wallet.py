"""Give a learner her whole wallet as an archive."""

from wallet.domain.archive import Archive
from wallet.domain.unlock import BY_WORDS
from wallet.use_cases.desk import Locks, OpenWallet


async def export_wallet(wallet: OpenWallet, *, locks: Locks) -> Archive:
    """Between two decisions, so that none is half in it. The wallet stays as it is.

    Passkeys are left out: each is of this installation's address and opens nothing elsewhere.
    """
    async with wallet.turn:
        store = await wallet.store.sealed_copy()
    methods = await locks.book.unlock_methods(wallet.id)
    return Archive(locks.clock(), tuple(one for one in methods if one.method in BY_WORDS), store)
