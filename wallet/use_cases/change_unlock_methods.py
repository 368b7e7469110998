"""Change how an open wallet can be unlocked later; the wallet key itself stays."""

from wallet.domain.unlock import UnlockMethod, check_method
from wallet.use_cases.desk import Locks


async def put_unlock_method(wallet_id: str, method: UnlockMethod, *, locks: Locks) -> None:
    """Adds the method, or replaces the one of its kind. Raises KeyUnsuitable."""
    check_method(method)
    await locks.book.put_unlock_method(wallet_id, method, now=locks.clock())


async def remove_unlock_method(wallet_id: str, method: str, *, locks: Locks) -> None:
    """Forgets a method. Raises UnlockMethodUnknown, and LastUnlockMethod rather than shut the wallet for ever."""
    await locks.book.remove_unlock_method(wallet_id, method)
