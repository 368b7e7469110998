"""The organisation that awards, and its one credential definition."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who awards. `did` is its did:webvh; `country` an ISO 3166-1 alpha-2 code."""

    slug: str
    name: str
    country: str
    did: str


@dataclass(frozen=True, slots=True)
class Definition:
    """The AnonCreds objects for one profile version and status policy; None while they are being made."""

    profile_version: str
    status_policy: str
    schema_id: str | None = None
    credential_definition_id: str | None = None
