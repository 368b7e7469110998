"""Create a wallet under a key that was made and wrapped on the learner's device."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from shared.ports.errors import Unavailable
from wallet.domain.capacity import check_quota
from wallet.domain.session import WALLET_KEY_BYTES, Session
from wallet.domain.shard import Placed
from wallet.domain.unlock import UnlockMethod, check_methods
from wallet.errors import AgentTrouble, KeyUnsuitable
from wallet.use_cases.desk import Locks
from wallet.use_cases.unlock_wallet import begin_session


async def create_wallet(
    wallet_key: bytes, methods: Sequence[UnlockMethod], *, locks: Locks
) -> tuple[Session, str]:
    """Returns the session of the new, open wallet and its token.

    Raises:
        KeyUnsuitable: the key is not 32 bytes, or there is no way to unlock the wallet later.
        NoRoom: no wallet is made here now.
    """
    check_key_and_methods(wallet_key, methods)
    now = locks.clock()
    check_quota(await locks.book.held(now=now), locks.quota)
    placed = await locks.sealed.create(wallet_key)
    async with or_nothing(placed, locks=locks):
        await locks.book.add(placed.wallet_id, methods, now=now, shard=placed.shard)
        return await begin_session(placed.wallet_id, wallet_key, locks=locks)


@asynccontextmanager
async def or_nothing(placed: Placed, *, locks: Locks) -> AsyncIterator[None]:
    """Leaves nothing of a wallet that was made and could not be given to its learner, as far as can be done now.

    A database that was just found away is not waited for again: a row without its store goes with the wallets never used.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, AgentTrouble) or not isinstance(error, Unavailable):
            with suppress(Unavailable):
                await locks.book.remove(placed.wallet_id)
        with suppress(Unavailable):
            await locks.sealed.delete(placed.wallet_id, shard=placed.shard)
        raise


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
    check_methods(methods)
