"""Payload of the verifier's request JWS: who asks, for what, until when, bound to one proof request."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

TYP = "ujuzi-request+jwt"


class TrustListNamed(BaseModel):
    """A trust list the verifier will judge by."""

    model_config = ConfigDict(frozen=True)

    name: str
    url: str


class SignedRequest(BaseModel):
    """`iat` and `exp` are seconds since the epoch; the JWS header's `kid` is a key of the DID in `iss`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iss: str
    iat: int
    exp: int
    request_id: str
    invitation_key: str = Field(description="Recipient key of the invitation, raw base58 or did:key.")
    purpose: str = Field(min_length=1)
    keep_days: int = Field(ge=0, description="How long the verifier keeps what is revealed.")
    proof_request_digest: str = Field(description="digest_multibase of the AnonCreds proof request.")
    needs: list[dict[str, JsonValue]]
    reveal: list[str]
    trust_lists: list[TrustListNamed]
