r"""How a learner's device locks her wallet key with a passphrase; the server sees only the result.

Made of what WebCrypto offers, so that a browser does the same: PBKDF2-HMAC-SHA-256 over the passphrase, then AES-256-GCM
over the key. Before use a passphrase is put in one form: Unicode NFKC, small letters, words joined by single spaces
(`text.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ")`). Five of 7,776 words are 64 bits of chance.

A recovery kit is a second way in: ten words (129 bits), made on her device, which wrap the key just as a passphrase does.
Its code, for a QR, is `ujuzi-recovery:1?wallet=URL&id=WALLET&words=WORDS`, percent-encoded as in a query.
"""

import base64
import binascii
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from shared.contracts.errors import UjuziError

ITERATIONS = 600_000
_MOST_ITERATIONS = 10_000_000
_WORDS = 5
_KIT_WORDS = 10
_KIT_SCHEME = "ujuzi-recovery:1?"
_LONGEST_KIT = 2000
_KEY_BYTES = 32
_SALT_BYTES = 16
_IV_BYTES = 12


class LockMalformed(UjuziError):
    """An envelope is not one this version can open."""


class WrongPassphrase(UjuziError):
    """The passphrase does not open the envelope."""


class KitMalformed(UjuziError):
    """A text is not the code of a recovery kit."""


@dataclass(frozen=True)
class RecoveryKit:
    """What a learner keeps on paper for the day she forgets her passphrase: where, which wallet, and the words."""

    wallet_url: str
    wallet_id: str
    words: str = field(repr=False)

    @property
    def code(self) -> str:
        """All of it as one line of text, for a QR code."""
        parts = {"wallet": self.wallet_url, "id": self.wallet_id, "words": self.words}
        return _KIT_SCHEME + urlencode(parts)


def generate_passphrase() -> str:
    """Return five words drawn by chance from the EFF's large list."""
    return _drawn(_WORDS)


def make_recovery_kit(wallet_url: str, wallet_id: str) -> RecoveryKit:
    """Return a kit with ten words of its own."""
    return RecoveryKit(wallet_url, wallet_id, _drawn(_KIT_WORDS))


def read_recovery_kit(code: str) -> RecoveryKit:
    """Return the kit whose code this is. Raises KitMalformed."""
    text = code.strip()
    found: dict[str, list[str]] = {}
    if text.startswith(_KIT_SCHEME) and len(text) <= _LONGEST_KIT:
        found = parse_qs(text.removeprefix(_KIT_SCHEME))
    match [found.get(name, ()) for name in ("wallet", "id", "words")]:
        case [[wallet_url], [wallet_id], [words]]:
            return RecoveryKit(wallet_url, wallet_id, words)
    raise KitMalformed(f"The code of a recovery kit ({_KIT_SCHEME}wallet=…&id=…&words=…) was expected.")


def _drawn(count: int) -> str:
    return " ".join(secrets.choice(wordlist()) for _ in range(count))


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
        raise WrongPassphrase("These words do not open this wallet: check them and their order.") from error


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
