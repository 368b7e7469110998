"""Change how an open wallet can be unlocked later; the wallet key itself stays."""

from wallet.domain.unlock import UnlockMethod, check_method
from wallet.use_cases.desk import Locks


async def put_unlock_method(wallet_id: str, method: UnlockMethod, *, locks: Locks) -> None:
    """Adds the method, or replaces the one of its kind; a passkey comes beside others. Raises KeyUnsuitable."""
    check_method(method)
    await locks.book.put_unlock_method(wallet_id, method, now=locks.clock())


async def remove_unlock_method(wallet_id: str, which: str, *, locks: Locks) -> None:
    """Forgets the methods of a kind, or the one of an id.

    Raises UnlockMethodUnknown, and LastUnlockMethod rather than shut the wallet for ever.
    """
    await locks.book.remove_unlock_method(wallet_id, which)
