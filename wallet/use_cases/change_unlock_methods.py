"""Change how an open wallet can be unlocked later; the wallet key itself stays."""

from wallet.domain.session import Session
from wallet.domain.unlock import UnlockMethod, check_method
from wallet.errors import WalletLocked
from wallet.use_cases.desk import Locks


async def put_unlock_method(session: Session, method: UnlockMethod, *, locks: Locks) -> None:
    """Adds the method, or replaces the one of its kind; a passkey comes beside others. Raises KeyUnsuitable, WalletLocked."""
    check_method(method)
    await _check_open(session, locks)
    await locks.book.put_unlock_method(session.wallet_id, method, now=locks.clock())


async def remove_unlock_method(session: Session, which: str, *, locks: Locks) -> None:
    """Forgets the methods of a kind, or the one of an id.

    Raises WalletLocked, UnlockMethodUnknown, and LastUnlockMethod rather than shut the wallet for ever.
    """
    await _check_open(session, locks)
    await locks.book.remove_unlock_method(session.wallet_id, which)


async def _check_open(session: Session, locks: Locks) -> None:
    """The agent is not asked here, and another replica may have locked the wallet a moment ago."""
    if await locks.book.session(session.token_hash) is None:
        raise WalletLocked("The wallet is locked. Unlock it with its passphrase and call again.")
