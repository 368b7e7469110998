"""`POST /didcomm`: the one door through which other parties' envelopes come in.

An envelope is looked at only from outside: media type, size, shape, and whether anybody here owns a key it is
for. 202 means it is stored and will be handled, or will wait for its wallet to be opened.
"""

import json
import logging
import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from fastapi import APIRouter, Request, Response

from shared.ports.didcomm import FindRecipient, KeepEnvelope, Recipient
from shared.web.problems import ProblemError

log = logging.getLogger(__name__)

MAX_ENVELOPE = 2 * 1024 * 1024
"""Bytes; pass it to `create_app(max_body_by_path={"/didcomm": MAX_ENVELOPE})`. ACA-Py takes as much."""
MEDIA_TYPES = ("application/didcomm-envelope-enc", "application/ssi-agent-wire")
"""What the agent can unpack: DIDComm v1 envelopes."""
MOST_RECIPIENTS = 8
VERKEY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{43,44}", re.ASCII)
ACCEPTED = 202


class NotAnEnvelope(ProblemError):
    """400."""

    def __init__(self, found: str) -> None:
        """`found` says what is wrong."""
        super().__init__(400, f"Expected a DIDComm v1 envelope, found {found}.")


def didcomm_router(find_recipient: FindRecipient, keep_envelope: KeepEnvelope) -> APIRouter:
    """The route; answers 202, 400, 404, 413, 415 or 503 with Retry-After."""
    router = APIRouter(tags=["didcomm"])

    @router.post(
        "/didcomm",
        status_code=ACCEPTED,
        response_class=Response,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES},
            }
        },
    )
    async def receive(request: Request) -> Response:
        """Take in one envelope."""
        _check_media_type(request.headers.get("content-type", ""))
        envelope = await request.body()
        recipient = await _owner(recipient_keys(envelope), find_recipient)
        await keep_envelope(recipient, envelope)
        return Response(status_code=ACCEPTED)

    return router


def recipient_keys(envelope: bytes) -> tuple[str, ...]:
    """The base58 keys an envelope is for. Raises NotAnEnvelope."""
    outer = _json_object(envelope, "the body")
    for name in ("protected", "iv", "ciphertext", "tag"):
        if not isinstance(outer.get(name), str):
            raise NotAnEnvelope(f"no {name!r}")
    try:
        text = outer["protected"]
        header = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (Base64Error, ValueError) as error:
        raise NotAnEnvelope("a protected header that is not base64url") from error
    recipients = _json_object(header, "the protected header").get("recipients")
    if not isinstance(recipients, list) or not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise NotAnEnvelope(f"no list of 1 to {MOST_RECIPIENTS} recipients")
    return tuple(_kid(recipient) for recipient in recipients)


def _check_media_type(given: str) -> None:
    media_type = given.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise ProblemError(
            415,
            f"Expected the media type {' or '.join(MEDIA_TYPES)}, found {media_type[:80] or 'none'!r}.",
            headers={"Accept-Post": ", ".join(MEDIA_TYPES)},
        )


def _json_object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAnEnvelope(f"{what} is not JSON") from error
    if not isinstance(value, dict):
        raise NotAnEnvelope(f"{what} is not a JSON object")
    return value


def _kid(recipient: object) -> str:
    header = recipient.get("header") if isinstance(recipient, dict) else None
    kid = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(kid, str) or not VERKEY.fullmatch(kid):
        raise NotAnEnvelope("a recipient without a base58 key as its kid")
    return kid


async def _owner(keys: tuple[str, ...], find_recipient: FindRecipient) -> Recipient:
    for key in keys:
        recipient = await find_recipient(key)
        if recipient is not None:
            return recipient
    raise ProblemError(
        404, "Nobody here owns a key this envelope is for. Ask its receiver for a new invitation."
    )
