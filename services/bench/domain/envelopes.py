"""Envelopes that are right outside, for a key the receiver owns, with nothing sensible inside. No I/O."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import base58

_DID_KEY = "did:key:"
_MULTICODEC_BYTES = 2
_SIZE = 2_000
"""Characters of ciphertext: as long as the message in which a wallet answers an invitation."""


def verkey_of(invitation: Mapping[str, Any]) -> str:
    """The base58 key that an out-of-band invitation asks to write to."""
    given = str(invitation["services"][0]["recipientKeys"][0])
    if not given.startswith(_DID_KEY):
        return given
    multikey = given.removeprefix(_DID_KEY).partition("#")[0]
    return str(base58.b58encode(base58.b58decode(multikey.removeprefix("z"))[_MULTICODEC_BYTES:]).decode())


def envelope_for(verkey: str, number: int) -> bytes:
    """One of many, each another."""
    header = {
        "enc": "xchacha20poly1305_ietf",
        "typ": "JWM/1.0",
        "alg": "Authcrypt",
        "recipients": [{"encrypted_key": "e", "header": {"kid": verkey}}],
    }
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    text = f"{number}-".ljust(_SIZE, "x")
    return json.dumps({"protected": protected, "iv": "i", "ciphertext": text, "tag": "t"}).encode()
