"""What a stranger is told of a wallet that does not live here: the same as of one that does.

Whoever has a wallet's id, from a sheet of paper or a shared phone, must not learn from here whether she still keeps it. Of
one id the answer is the same each time, and without the key it cannot be told from chance, as a wrapped key cannot.
"""

import base64
import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from shared.vc.wallet_lock import ITERATIONS
from wallet.domain.unlock import UnlockMethod
from wallet.errors import WalletUnknown

USUAL_METHODS: Final = ("passphrase", "recovery-kit")
_SALT, _IV, _WRAPPED = 16, 12, 48
_WALLET_ID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)
_BEGUN_MS: Final = 1_760_000_000_000
"""October 2025: before it no wallet was made."""
_SPREAD_MS: Final = 30_000_000_000


def check_wallet_id(wallet_id: str) -> None:
    """Raises WalletUnknown for what can be no wallet's id: that tells nothing of anybody."""
    if not _WALLET_ID.fullmatch(wallet_id):
        raise WalletUnknown("No wallet of that id lives here.")


def decoy_methods(key: bytes, wallet_id: str) -> tuple[UnlockMethod, ...]:
    """The usual ways to unlock, with envelopes that nothing opens. Raises WalletUnknown."""
    check_wallet_id(wallet_id)
    return tuple(_decoy(key, wallet_id, number) for number in range(len(USUAL_METHODS)))


def _decoy(key: bytes, wallet_id: str, number: int) -> UnlockMethod:
    def drawn(what: str, length: int) -> bytes:
        return hmac.digest(key, f"{wallet_id} {what} {number}".encode(), hashlib.sha512)[:length]

    envelope: dict[str, JsonValue] = {
        "v": 1,
        "kdf": {
            "name": "PBKDF2", "hash": "SHA-256", "iterations": ITERATIONS, "salt": _encoded(drawn("salt", _SALT))
        },
        "cipher": {"name": "AES-GCM", "iv": _encoded(drawn("iv", _IV))},
        "wrapped": _encoded(drawn("wrapped", _WRAPPED)),
    }  # fmt: skip
    made = _BEGUN_MS + int.from_bytes(hmac.digest(key, wallet_id.encode(), hashlib.sha256)) % _SPREAD_MS
    return UnlockMethod(_id(made, drawn("id", 10)), USUAL_METHODS[number], envelope)


def _id(milliseconds: int, chance: bytes) -> str:
    """A UUIDv7, as methods have."""
    number = int.from_bytes(milliseconds.to_bytes(6) + chance)
    number = number & ~(0xF << 76) | 7 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
