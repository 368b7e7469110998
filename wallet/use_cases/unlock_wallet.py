"""Unlock a wallet with the key its learner's device has unwrapped."""

import secrets

from wallet.domain.session import WALLET_KEY_BYTES, Session, token_hash
from wallet.errors import WRONG_KEY, KeyUnsuitable, WalletUnknown, WrongKey
from wallet.use_cases.desk import Locks


async def unlock_wallet(wallet_id: str, wallet_key: bytes, *, locks: Locks) -> tuple[Session, str]:
    """Returns the session and its token. No key opens a wallet that does not live here, and no more is said of it.

    Raises:
        KeyUnsuitable, WrongKey
    """
    if len(wallet_key) != WALLET_KEY_BYTES:
        raise KeyUnsuitable(f"Expected a wallet key of {WALLET_KEY_BYTES} bytes, found {len(wallet_key)}.")
    try:
        await locks.book.unlock_methods(wallet_id)
    except WalletUnknown as error:
        raise WrongKey(WRONG_KEY) from error
    return await begin_session(wallet_id, wallet_key, locks=locks)


async def begin_session(wallet_id: str, wallet_key: bytes, *, locks: Locks) -> tuple[Session, str]:
    """Opens the store and makes a token for it.

    The session is noted before the store is opened, so that a store left open by a crash is found and locked at the next start.
    """
    token, now = secrets.token_urlsafe(32), locks.clock()
    async with locks.open_wallets.turn(wallet_id):
        await locks.book.add_session(wallet_id, token_hash(token), now=now)
        try:
            agent_token = await locks.sealed.open(wallet_id, wallet_key)
        except BaseException:
            await locks.book.end_session(token_hash(token))
            raise
        session = Session(wallet_id, token_hash(token), agent_token, now)
        await locks.open_wallets.add(session, token)
    return session, token
