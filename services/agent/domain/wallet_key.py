"""The raw key of a learner's store."""

import base58

from services.agent.errors import NotAWalletKey

KEY_BYTES = 32


def checked(wallet_key: object) -> str:
    """The key as given, if it is base58 of 32 bytes; raises NotAWalletKey, which does not quote it."""
    if isinstance(wallet_key, str):
        try:
            if len(base58.b58decode(wallet_key)) == KEY_BYTES:
                return wallet_key
        except ValueError:
            pass
    raise NotAWalletKey("Expected a wallet key of 32 bytes in base58")
