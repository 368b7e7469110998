"""Who asks: proven by a signed request, or nobody.

A connection proves only that the same party goes on talking; a label is what that party calls itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue, ValidationError

from shared.contracts.signed_request import SignedRequest
from wallet.domain.invitation import raw_key

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Proven:
    """The requester's own signature covers this request."""

    did: str
    request: SignedRequest

    @property
    def expires_at(self) -> datetime:
        """The request cannot be answered after this moment."""
        return datetime.fromtimestamp(self.request.exp, UTC)


class Doubt(StrEnum):
    """Why nobody proved who asks."""

    UNSIGNED = "unsigned"
    SIGNER_NOT_REACHED = "signer-not-reached"
    """It may be genuine: who signed could not be looked up now."""
    NOT_ITS_SIGNATURE = "not-its-signature"
    DAMAGED = "damaged"
    OTHER_SENDER = "other-sender"
    OTHER_REQUEST = "other-request"
    OTHER_INVITATION = "other-invitation"
    FROM_THE_FUTURE = "from-the-future"


@dataclass(frozen=True)
class Unproven:
    """Nobody proved who asks, and why that is so; `why` has the particulars."""

    doubt: Doubt
    why: str


Requester = Proven | Unproven


def judge_request(
    payload: Mapping[str, JsonValue],
    *,
    did: str,
    digest: str,
    recipient_keys: Sequence[str],
    now: datetime,
) -> Requester:
    """Judges a payload whose signature by a key of `did` was verified.

    `digest` is of the proof request received, `recipient_keys` are those of the invitation the learner used for this connection.
    An expired request stays proven: it is refused when she wants to answer.
    """
    try:
        request = SignedRequest.model_validate(payload)
    except ValidationError as error:
        where = ", ".join(
            ".".join(str(part) for part in fault["loc"]) or "the whole" for fault in error.errors()
        )
        return Unproven(Doubt.DAMAGED, f"The signed request is incomplete or malformed ({where}).")
    if request.iss != did:
        return Unproven(
            Doubt.OTHER_SENDER, "The signed request names another sender than the one who signed it."
        )
    if request.proof_request_digest != digest:
        return Unproven(
            Doubt.OTHER_REQUEST, "The signature is for another request than the one that arrived."
        )
    if raw_key(request.invitation_key) not in {raw_key(key) for key in recipient_keys}:
        return Unproven(
            Doubt.OTHER_INVITATION,
            "The signature is for another invitation than the one you used: somebody may be passing the request on.",
        )
    if datetime.fromtimestamp(request.iat, UTC) > now + CLOCK_SKEW:
        return Unproven(Doubt.FROM_THE_FUTURE, "The signed request claims to come from the future.")
    return Proven(did, request)
