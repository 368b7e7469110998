"""Create a wallet under a key that was made and wrapped on the learner's device."""

from collections.abc import Sequence
from contextlib import suppress

from shared.ports.errors import Unavailable
from wallet.domain.session import WALLET_KEY_BYTES, Session
from wallet.domain.unlock import UnlockMethod, check_method
from wallet.errors import KeyUnsuitable
from wallet.use_cases.desk import Locks
from wallet.use_cases.unlock_wallet import begin_session


async def create_wallet(
    wallet_key: bytes, methods: Sequence[UnlockMethod], *, locks: Locks
) -> tuple[Session, str]:
    """Returns the session of the new, open wallet and its token.

    Raises:
        KeyUnsuitable: the key is not 32 bytes, or there is no way to unlock the wallet later.
    """
    check_key_and_methods(wallet_key, methods)
    wallet_id = await locks.sealed.create(wallet_key)
    try:
        await locks.book.add(wallet_id, methods, now=locks.clock())
        return await begin_session(wallet_id, wallet_key, locks=locks)
    except BaseException:
        await undo(wallet_id, locks=locks)
        raise


async def undo(wallet_id: str, *, locks: Locks) -> None:
    """Leaves nothing of a wallet that was made and could not be given to its learner, as far as can be done now."""
    with suppress(Unavailable):
        await locks.book.remove(wallet_id)
    with suppress(Unavailable):
        await locks.sealed.delete(wallet_id)


def check_key_and_methods(wallet_key: bytes, methods: Sequence[UnlockMethod]) -> None:
    """Raises KeyUnsuitable."""
    if len(wallet_key) != WALLET_KEY_BYTES:
        raise KeyUnsuitable(
            f"Expected a wallet key of {WALLET_KEY_BYTES} random bytes, found {len(wallet_key)}."
        )
    if not methods:
        raise KeyUnsuitable(
            "Expected at least one unlock method: without one the wallet could never be opened again."
        )
    for method in methods:
        check_method(method)
