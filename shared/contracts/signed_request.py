"""What a verifier signs about its request, so that a learner can know who asks.

The compact JWS (EdDSA, `typ` REQUEST_JWS_TYPE, `kid` a key of the verifier's did:webvh) is the last line of the DIDComm
request's `comment`; the lines before it are the purpose in the verifier's words. See docs of the verifier's API.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

REQUEST_JWS_TYPE = "ujuzi-request+jwt"
RECEIPT_JWS_TYPE = "ujuzi-receipt+jwt"

MAX_KEEP_DAYS = 365
MAX_NEEDS = 5
MAX_ALTERNATIVES = 10
JWS_DOTS = 2

Text = Annotated[str, Field(min_length=1, max_length=400)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AskedLevel(_Wire):
    """A minimum level in one framework; `framework` is a key of the edition's levels, such as `eqf` or `acqf`."""

    framework: Annotated[str, Field(min_length=1, max_length=40)]
    at_least: Annotated[int, Field(ge=1, le=10)]


class AskedHours(_Wire):
    """A minimum notional workload in hours."""

    at_least: Annotated[int, Field(ge=1, le=20_000)]


class AskedAlternative(_Wire):
    """One way to meet a need; every part that is given must hold of the same programme."""

    skill: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    level: AskedLevel | None = None
    workload_hours: AskedHours | None = None


class AskedNeed(AskedAlternative):
    """One need, met by one credential; with `any_of`, by a programme that is any of these.

    The proof request's referents for the need at index i are `need_<i>` and `need_<i>_<attribute>`.
    """

    any_of: Annotated[tuple[AskedAlternative, ...], Field(max_length=MAX_ALTERNATIVES)] = ()
    awarded_after: date | None = None
    not_expired: bool = False


class NamedTrustList(_Wire):
    """A list of trusted issuers by which the verifier will judge."""

    name: Text
    url: Text


class SignedRequest(_Wire):
    """The payload. `iat` and `exp` are seconds since 1970; `proof_request_digest` is over the AnonCreds proof request.

    `invitation_key` is the recipient key of the invitation exactly as the invitation writes it (a did:key).
    `reveal` are the attributes whose values the verifier will see, the programme (`achievement_id`) and what trust needs
    included.
    """

    iss: str
    iat: int
    exp: int
    request_id: str
    verifier_name: Text
    invitation_key: str
    purpose: Text
    keep_days: Annotated[int, Field(ge=1, le=MAX_KEEP_DAYS)]
    proof_request_digest: str
    needs: Annotated[tuple[AskedNeed, ...], Field(min_length=1, max_length=MAX_NEEDS)]
    reveal: tuple[str, ...]
    hide_programme: bool = False
    name_compared: bool = False
    """Whether the names are asked to be compared with the one the verifier knows, which keeps only the result."""
    trust_lists: tuple[NamedTrustList, ...] = ()


def comment_with(purpose: str, jws: str) -> str:
    """The request message's `comment`: the purpose, a line break, the compact JWS."""
    return f"{purpose}\n{jws}"


def split_comment(comment: str | None) -> tuple[str, str | None]:
    """Undo comment_with: (purpose, JWS), the JWS None where the last line is none."""
    purpose, _, last = (comment or "").rpartition("\n")
    if last.count(".") == JWS_DOTS and " " not in last:
        return purpose, last
    return comment or "", None
