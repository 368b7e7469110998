"""Compact JWS with EdDSA over Ed25519 (RFC 7515, RFC 8037).

JwsInvalid ─ JwsMalformed · JwsWrongKind (typ, alg, crit) · JwsSignatureInvalid
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from shared.contracts.errors import UjuziError
from shared.vc.keys import SigningKey, signature_holds

_PARTS = 3
LONGEST = 8 * 1024 * 1024
"""Characters, unless the caller expects more."""


class JwsInvalid(UjuziError):
    """A JWS was refused."""


class JwsMalformed(JwsInvalid):
    """The text is no compact JWS over a JSON object."""


class JwsWrongKind(JwsInvalid):
    """The JWS is of another type or algorithm than expected."""


class JwsSignatureInvalid(JwsInvalid):
    """The signature is not by the expected key."""


def sign(payload: Mapping[str, Any], *, key: SigningKey, kid: str, typ: str) -> str:
    """Return the compact JWS over a JSON payload."""
    header = {"alg": "EdDSA", "kid": kid, "typ": typ}
    signed = f"{_encode(_json(header))}.{_encode(_json(payload))}"
    return f"{signed}.{_encode(key.sign(signed.encode()))}"


def header(jws: str, *, longest: int = LONGEST) -> dict[str, Any]:
    """Return the header WITHOUT checking the signature: only to learn which key to check with. Raises JwsMalformed."""
    first = _parts(jws, longest)[0]
    return _object(_decode(first), "header")


def peek(jws: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and payload WITHOUT checking the signature: only to learn which key to check with."""
    first, payload, _ = _split(jws, LONGEST)
    return _object(first, "header"), _object(payload, "payload")


def verify(jws: str, public_key: bytes, *, typ: str, longest: int = LONGEST) -> dict[str, Any]:
    """Check type and signature and return the payload; one of more than `longest` characters is refused. Raises JwsInvalid."""
    first, payload, signature = _split(jws, longest)
    said = _object(first, "header")
    if said.get("alg") != "EdDSA" or "crit" in said:
        raise JwsWrongKind(
            f"A JWS with alg EdDSA and no crit was expected, alg {str(said.get('alg'))[:40]!r} was found."
        )
    if said.get("typ") != typ:
        raise JwsWrongKind(f"A JWS of typ {typ!r} was expected, {str(said.get('typ'))[:80]!r} was found.")
    if not signature_holds(public_key, jws.rpartition(".")[0].encode(), signature):
        raise JwsSignatureInvalid(
            "The signature is not by the expected key: the text was changed, or signed by somebody else."
        )
    return _object(payload, "payload")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _parts(jws: str, longest: int) -> list[str]:
    parts = jws.split(".") if len(jws) <= longest else []
    if len(parts) != _PARTS:
        raise JwsMalformed("A compact JWS was expected: three base64url parts joined by dots.")
    return parts


def _split(jws: str, longest: int) -> tuple[bytes, bytes, bytes]:
    first, payload, signature = (_decode(part) for part in _parts(jws, longest))
    return first, payload, signature


def _decode(part: str) -> bytes:
    try:
        decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise JwsMalformed("A part of the JWS is not base64url text.") from error
    if _encode(decoded) != part:
        raise JwsMalformed("A part of the JWS is not written in the one canonical base64url form.")
    return decoded


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise JwsMalformed(f"The {what} of the JWS is not JSON.") from error
    if not isinstance(value, dict):
        raise JwsMalformed(f"The {what} of the JWS is not a JSON object.")
    return value
