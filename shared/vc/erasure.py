"""Statements of deletion: checked against the keys that the installation has published."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from shared.contracts.erasure import ERASURE_FORMAT, ERASURE_JWS_TYPE
from shared.contracts.errors import UjuziError
from shared.vc import jws

LONGEST_STATEMENT: Final = 2 * 1024 * 1024
"""Characters of one, also of the page it stands in."""
_COMPACT: Final = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]{86}")


class StatementInvalid(UjuziError):
    """A text is no statement of deletion that its installation signed."""


def statement_in(text: str) -> str:
    """Return the JWS that a file holds: the file itself, or the page it stands in. Raises StatementInvalid."""
    found = _COMPACT.search(text) if len(text) <= LONGEST_STATEMENT else None
    if found is None:
        raise StatementInvalid("No statement of deletion was found in this file.")
    return found.group()


def place_of(statement: str) -> str:
    """The address of the installation a statement says it is by, still unchecked. Raises StatementInvalid."""
    try:
        place = jws.peek(statement)[1].get("iss")
    except UjuziError as error:
        raise StatementInvalid(f"This is no statement of deletion: {error}") from error
    if not (isinstance(place, str) and place.startswith(("https://", "http://"))):
        raise StatementInvalid(
            "A statement of deletion names the installation that signed it; this one does not."
        )
    return place


def open_statement(statement: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return what it says, signed with one of a JWK set (RFC 7517). Raises StatementInvalid."""
    try:
        kid = jws.header(statement).get("kid")
        for key in _keys(keys):
            if key.get("kid") == kid:
                payload = jws.verify(statement, _public(key), typ=ERASURE_JWS_TYPE)
                break
        else:
            raise StatementInvalid("The installation has published no key of that name.")
    except UjuziError as error:
        raise StatementInvalid(f"The statement cannot be relied on: {error}") from error
    if payload.get("format") != ERASURE_FORMAT:
        raise StatementInvalid(
            f"A statement in the format {ERASURE_FORMAT} was expected, found {payload.get('format')!r}."
        )
    return payload


def _keys(keys: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = keys.get("keys")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _public(key: Mapping[str, Any]) -> bytes:
    """RFC 8037 §2. Raises StatementInvalid."""
    text = key.get("x")
    if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519") or not isinstance(text, str):
        raise StatementInvalid("An Ed25519 key was expected.")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise StatementInvalid("The published key is not base64url text.") from error
