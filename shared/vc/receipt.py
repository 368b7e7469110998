"""Receipts of verdicts: checked against the history of the verifier's DID."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.errors import UjuziError
from shared.contracts.signed_request import RECEIPT_JWS_TYPE
from shared.vc import jws
from shared.vc.dateint import rfc3339
from shared.vc.webvh import DidHistory

CLOCK_SKEW = timedelta(minutes=5)


class ReceiptInvalid(UjuziError):
    """A text is no receipt that its verifier signed."""


def signer_of(receipt: str) -> tuple[str, str]:
    """Return the DID a receipt says it is by and the id of the key, both still unchecked. Raises ReceiptInvalid."""
    try:
        header, payload = jws.peek(receipt)
    except UjuziError as error:
        raise ReceiptInvalid(f"This is no receipt: {error}") from error
    kid, did = header.get("kid"), payload.get("iss")
    if not (isinstance(kid, str) and isinstance(did, str) and kid.startswith(f"{did}#")):
        raise ReceiptInvalid(
            "A receipt is expected to be signed with a key of the DID in its `iss`; this one is not."
        )
    return did, kid


def open_receipt(receipt: str, history: DidHistory, *, now: datetime) -> dict[str, Any]:
    """Return what a receipt says, signed with a key that its verifier had at the receipt's own time.

    A key replaced since still counts: the receipt is the verifier's own word about a verdict of its own, date and all.
    Raises ReceiptInvalid.
    """
    did, kid = signer_of(receipt)
    if did != history.did:
        raise ReceiptInvalid(f"A receipt by {history.did} was expected, this one is by {did[:200]!r}.")
    _, payload = jws.peek(receipt)
    issued = payload.get("iat")
    try:
        moment = datetime.fromtimestamp(float(issued if isinstance(issued, int) else "nan"), UTC)
        if moment > now + CLOCK_SKEW:
            raise ReceiptInvalid(f"it is dated {rfc3339(moment)}, and it is {rfc3339(now)} now")
        return jws.verify(receipt, history.assertion_key_at(kid, moment), typ=RECEIPT_JWS_TYPE)
    except (UjuziError, ValueError, OverflowError, OSError) as error:
        raise ReceiptInvalid(f"The receipt cannot be relied on: {error}") from error
