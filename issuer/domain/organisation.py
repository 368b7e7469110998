"""The organisations that award, and each one's credential definition."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from issuer.domain.profile import Profile, in_language

SLUG: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""What a slug looks like."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who awards. `slug` names it here and in its DID; `did` is its did:webvh; `country` an ISO 3166-1 alpha-2 code."""

    slug: str
    name: str
    country: str
    did: str
    suspended_at: datetime | None = None
    """Since then nobody acts for it and nobody claims; what it issued goes on being checked."""
    suspended_because: str = ""
    closed_at: datetime | None = None
    """Since then it awards nothing any more, for good, and its status lists are its last."""
    second_person: bool = False
    """Whether what one member prepares for sending or publishing, another has to approve."""
    profile: Profile = field(default_factory=Profile)

    def name_in(self, language: str) -> str:
        """What learners of this language are shown; what is signed says `name`."""
        return in_language(self.profile.names, language) or self.name


@dataclass(frozen=True, slots=True)
class Definition:
    """An organisation's AnonCreds objects for one profile version and status policy; None while they are being made."""

    organisation: str
    profile_version: str
    status_policy: str
    schema_id: str | None = None
    credential_definition_id: str | None = None
