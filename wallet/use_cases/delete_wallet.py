"""Delete a wallet for ever."""

from wallet.domain.inbox import Change
from wallet.use_cases.desk import Locks


async def delete_wallet(wallet_id: str, *, locks: Locks) -> None:
    """Removes the store first: if that fails the learner can still unlock and try again."""
    async with locks.open_wallets.turn(wallet_id):
        await locks.sealed.delete(wallet_id)
        locks.open_wallets.end(wallet_id)
        await locks.book.remove(wallet_id)
    locks.changes.announce(wallet_id, Change("locked", wallet_id))
