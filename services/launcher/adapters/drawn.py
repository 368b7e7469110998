"""Secrets, drawn by the system's generator."""

import secrets as random
from base64 import b64encode

_KEY_BYTES = 32
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def word() -> str:
    """192 bits in hexadecimal; needs no escaping anywhere."""
    # Begins with a letter, because NATS reads a value that begins with a digit as a number.
    return f"u{random.token_hex(24)}"


def base64_key() -> str:
    """32 bytes in base64."""
    return b64encode(random.token_bytes(_KEY_BYTES)).decode()


def base58_key() -> str:
    """32 bytes in base58."""
    raw = random.token_bytes(_KEY_BYTES)
    number = int.from_bytes(raw)
    digits = ""
    while number:
        number, digit = divmod(number, len(_BASE58))
        digits = _BASE58[digit] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits
