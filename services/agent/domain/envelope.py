"""Whom an encrypted DIDComm v1 message is for (Aries RFC 0019), read without any key."""

import base64
import binascii
import json

from services.agent.errors import NotAnEnvelope


def recipient_keys(envelope: bytes) -> tuple[str, ...]:
    """The raw base58 keys named in the envelope's protected header, at least one.

    Raises NotAnEnvelope; so does a message that is not encrypted, which nobody may slip in here.
    """
    try:
        outer = json.loads(envelope)
        protected = outer["protected"]
        header = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
        keys = tuple(recipient["header"]["kid"] for recipient in header["recipients"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise NotAnEnvelope("Expected an encrypted DIDComm v1 envelope with recipients") from error
    if not keys or not all(isinstance(key, str) and key for key in keys):
        raise NotAnEnvelope("Expected an encrypted DIDComm v1 envelope with recipients, found none")
    return keys
