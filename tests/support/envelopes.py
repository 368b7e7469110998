"""Envelopes as other parties see them: the right shape outside, nothing sensible inside."""

import base64
import json

import base58


def verkey(number: int = 1) -> str:
    """A base58 key."""
    return str(base58.b58encode(bytes([number]) * 32).decode())


def envelope(*kids: str, text: str = "x") -> bytes:
    """A DIDComm v1 envelope for these keys."""
    header = {
        "enc": "xchacha20poly1305_ietf",
        "typ": "JWM/1.0",
        "alg": "Authcrypt",
        "recipients": [{"encrypted_key": "e", "header": {"kid": kid}} for kid in kids],
    }
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    return json.dumps({"protected": protected, "iv": "i", "ciphertext": text, "tag": "t"}).encode()
