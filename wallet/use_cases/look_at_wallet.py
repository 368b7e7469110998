"""What is told of a wallet to whoever names it: how it can be unlocked, and how many messages wait."""

from collections.abc import Sequence
from contextlib import suppress

from wallet.domain.decoy import check_wallet_id, decoy_methods
from wallet.domain.session import Session
from wallet.domain.unlock import UnlockMethod
from wallet.errors import WalletUnknown
from wallet.use_cases.desk import Locks


async def read_unlock_methods(
    wallet_id: str, asking: Session | None, *, locks: Locks
) -> Sequence[UnlockMethod]:
    """The wrapped forms of its key; decoys for one that does not live here, or is another's than whoever asks.

    Raises WalletUnknown for what can be no wallet's id.
    """
    with suppress(WalletUnknown):
        if _may_look(wallet_id, asking):
            return await locks.book.unlock_methods(wallet_id)
    return decoy_methods(locks.decoy_key, wallet_id)


async def read_state(wallet_id: str, asking: Session | None, *, locks: Locks) -> tuple[str, int]:
    """`locked`, `opening` or `open`, and how many messages wait; like a locked one without for one that does not live here.

    Raises WalletUnknown for what can be no wallet's id.
    """
    with suppress(WalletUnknown):
        if _may_look(wallet_id, asking):
            await locks.book.unlock_methods(wallet_id)
            return await locks.sealed.state(wallet_id)
    check_wallet_id(wallet_id)
    return "locked", 0


def _may_look(wallet_id: str, asking: Session | None) -> bool:
    """Her device has no session while her wallet is locked; one of another wallet is another's."""
    return asking is None or asking.wallet_id == wallet_id
