r"""How a learner's device locks her wallet key with a passphrase; the server sees only the result.

Made of what WebCrypto offers, so that a browser does the same: PBKDF2-HMAC-SHA-256 over the passphrase, then AES-256-GCM
over the key. Before use a passphrase is put in one form: Unicode NFKC, small letters, words joined by single spaces
(`text.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ")`). Five of 7,776 words are 64 bits of chance.
"""

import base64
import binascii
import secrets
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from shared.contracts.errors import UjuziError

ITERATIONS = 600_000
_MOST_ITERATIONS = 10_000_000
_WORDS = 5
_KEY_BYTES = 32
_SALT_BYTES = 16
_IV_BYTES = 12


class LockMalformed(UjuziError):
    """An envelope is not one this version can open."""


class WrongPassphrase(UjuziError):
    """The passphrase does not open the envelope."""


def generate_passphrase() -> str:
    """Return five words drawn by chance from the EFF's large list."""
    return " ".join(secrets.choice(wordlist()) for _ in range(_WORDS))


@cache
def wordlist() -> tuple[str, ...]:
    """Return the 7,776 words of the EFF's large list."""
    text = resources.files("shared.vc").joinpath("eff_large_wordlist.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def wrap(wallet_key: bytes, passphrase: str) -> dict[str, Any]:
    """Return the envelope that only the passphrase opens."""
    if len(wallet_key) != _KEY_BYTES:
        raise LockMalformed(f"A wallet key has {_KEY_BYTES} bytes; {len(wallet_key)} were given.")
    salt, iv = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_IV_BYTES)
    return {
        "v": 1,
        "kdf": {"name": "PBKDF2", "hash": "SHA-256", "iterations": ITERATIONS, "salt": _encode(salt)},
        "cipher": {"name": "AES-GCM", "iv": _encode(iv)},
        "wrapped": _encode(AESGCM(_derive(passphrase, salt, ITERATIONS)).encrypt(iv, wallet_key, None)),
    }


def unwrap(envelope: Mapping[str, Any], passphrase: str) -> bytes:
    """Return the wallet key. Raises WrongPassphrase, LockMalformed."""
    salt, iterations, iv, wrapped = _read(envelope)
    try:
        return AESGCM(_derive(passphrase, salt, iterations)).decrypt(iv, wrapped, None)
    except InvalidTag as error:
        raise WrongPassphrase(
            "The passphrase does not open this wallet: check the five words and their order."
        ) from error


def _read(envelope: Mapping[str, Any]) -> tuple[bytes, int, bytes, bytes]:
    try:
        kdf, cipher = envelope["kdf"], envelope["cipher"]
        named = (envelope["v"], kdf["name"], kdf["hash"], cipher["name"])
        iterations = kdf["iterations"]
        salt, iv, wrapped = _decode(kdf["salt"]), _decode(cipher["iv"]), _decode(envelope["wrapped"])
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        raise LockMalformed("An envelope with v, kdf, cipher and wrapped was expected.") from error
    if named != (1, "PBKDF2", "SHA-256", "AES-GCM"):
        raise LockMalformed(f"Version 1 with PBKDF2, SHA-256 and AES-GCM was expected, {named} was found.")
    if type(iterations) is not int or not ITERATIONS <= iterations <= _MOST_ITERATIONS:
        raise LockMalformed(f"Between {ITERATIONS} and {_MOST_ITERATIONS} iterations were expected.")
    if len(salt) < _SALT_BYTES or len(iv) != _IV_BYTES or len(wrapped) != _KEY_BYTES + 16:
        raise LockMalformed("Salt, iv or wrapped key of the envelope have another length than expected.")
    return salt, iterations, iv, wrapped


def _derive(passphrase: str, salt: bytes, iterations: int) -> bytes:
    words = " ".join(unicodedata.normalize("NFKC", passphrase).lower().split())
    return PBKDF2HMAC(SHA256(), _KEY_BYTES, salt, iterations).derive(words.encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
