"""Ed25519 keys and their Multikey form (W3C Controlled Identifiers 1.0 §2.2.2)."""

from dataclasses import dataclass, field
from typing import Self

import base58
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey as NaclSigningKey
from nacl.signing import VerifyKey

from shared.contracts.errors import UjuziError

_ED25519_PUBLIC = b"\xed\x01"
_KEY_BYTES = 32
_LONGEST_MULTIKEY = 60
"""Characters; a key has 48. Reading base58 takes the square of its length: a megabyte takes hours."""


class KeyMalformed(UjuziError):
    """Text or bytes that were to be a key are none."""


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key. Its seed stays out of repr and logs."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != _KEY_BYTES:
            raise KeyMalformed(f"An Ed25519 seed has {_KEY_BYTES} bytes; {len(self.seed)} were given.")

    @classmethod
    def generate(cls) -> Self:
        """Return a new random key."""
        return cls(bytes(NaclSigningKey.generate()))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Return the key grown from a 32-byte seed."""
        return cls(seed)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return bytes(NaclSigningKey(self.seed).verify_key)

    @property
    def multikey(self) -> str:
        """The public key as Multikey text (z6Mk…)."""
        return multikey_of(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of a message."""
        return NaclSigningKey(self.seed).sign(message).signature


def multikey_of(public_key: bytes) -> str:
    """Write an Ed25519 public key as Multikey text."""
    encoded: bytes = base58.b58encode(_ED25519_PUBLIC + public_key)
    return "z" + encoded.decode("ascii")


def public_from_multikey(multikey: str) -> bytes:
    """Return the Ed25519 public key a Multikey text holds. Raises KeyMalformed."""
    try:
        possible = multikey[:1] == "z" and len(multikey) <= _LONGEST_MULTIKEY
        raw = base58.b58decode(multikey[1:]) if possible else b""
    except ValueError as error:
        raise KeyMalformed(f"{multikey[:80]!r} is no Multikey: it is not base58btc text.") from error
    if raw[:2] != _ED25519_PUBLIC or len(raw) != len(_ED25519_PUBLIC) + _KEY_BYTES:
        raise KeyMalformed(
            f"An Ed25519 Multikey (z6Mk…) was expected, {multikey[:80]!r} was found: only Ed25519 is supported."
        )
    return raw[2:]


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature over a message is by the holder of the public key."""
    try:
        VerifyKey(public_key).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
