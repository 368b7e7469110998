"""Take in a wallet that was exported elsewhere."""

from collections.abc import Sequence

from wallet.domain.capacity import check_quota
from wallet.domain.session import Session
from wallet.domain.unlock import UnlockMethod
from wallet.use_cases.create_wallet import check_key_and_methods, or_nothing
from wallet.use_cases.desk import Locks
from wallet.use_cases.unlock_wallet import begin_session


async def import_wallet(
    wallet_key: bytes, methods: Sequence[UnlockMethod], store: bytes, *, locks: Locks
) -> tuple[Session, str]:
    """Returns the session of the wallet, open here under an id of its own, and its token.

    Nothing stays here of a store that the key does not open. Raises KeyUnsuitable, NoRoom, ArchiveRefused,
    WrongKey.
    """
    check_key_and_methods(wallet_key, methods)
    now = locks.clock()
    check_quota(await locks.book.held(now=now), locks.quota)
    placed = await locks.sealed.take_in(store)
    async with or_nothing(placed, locks=locks):
        await locks.book.add(placed.wallet_id, methods, now=now, shard=placed.shard)
        await locks.book.used(placed.wallet_id)
        return await begin_session(placed.wallet_id, wallet_key, locks=locks)
