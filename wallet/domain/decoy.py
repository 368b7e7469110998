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
from wallet.domain.unlock import PASSKEY, UnlockMethod
from wallet.errors import WalletUnknown

_WORDS: Final = ("passphrase", "recovery-kit")
USUAL_SETS: Final = (
    _WORDS,
    _WORDS,
    _WORDS,
    _WORDS,
    _WORDS,
    (*_WORDS, PASSKEY),
    (*_WORDS, PASSKEY),
    ("passphrase",),
)
"""The ways that wallets have, about as often as they have them: one is drawn for each id."""
_SALT, _IV, _WRAPPED, _CREDENTIAL = 16, 12, 48, 32
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
    """Ways to unlock as many a wallet has them, with envelopes that nothing opens. Raises WalletUnknown."""
    check_wallet_id(wallet_id)
    which = hmac.digest(key, f"{wallet_id} ways".encode(), hashlib.sha256)[0] % len(USUAL_SETS)
    return tuple(_decoy(key, wallet_id, number, kind) for number, kind in enumerate(USUAL_SETS[which]))


def _decoy(key: bytes, wallet_id: str, number: int, kind: str) -> UnlockMethod:
    def drawn(what: str, length: int) -> bytes:
        return hmac.digest(key, f"{wallet_id} {what} {number}".encode(), hashlib.sha512)[:length]

    salt = encoded(drawn("salt", _SALT))
    kdf: dict[str, JsonValue] = {
        "name": "PBKDF2", "hash": "SHA-256", "iterations": ITERATIONS, "salt": salt
    }  # fmt: skip
    if kind == PASSKEY:
        kdf = {
            "name": "WebAuthn-PRF", "hash": "SHA-256", "credential_id": encoded(drawn("id of it", _CREDENTIAL)), "salt": salt
        }  # fmt: skip
    envelope: dict[str, JsonValue] = {
        "v": 1,
        "kdf": kdf,
        "cipher": {"name": "AES-GCM", "iv": encoded(drawn("iv", _IV))},
        "wrapped": encoded(drawn("wrapped", _WRAPPED)),
    }
    made = _BEGUN_MS + int.from_bytes(hmac.digest(key, wallet_id.encode(), hashlib.sha256)) % _SPREAD_MS
    return UnlockMethod(_id(made, drawn("id", 10)), kind, envelope)


def _id(milliseconds: int, chance: bytes) -> str:
    """A UUIDv7, as methods have."""
    number = int.from_bytes(milliseconds.to_bytes(6) + chance)
    number = number & ~(0xF << 76) | 7 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def encoded(data: bytes) -> str:
    """As devices write bytes: base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
