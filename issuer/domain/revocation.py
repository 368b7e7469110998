"""A credential to be put on its status list, until the published list shows it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from issuer.domain.award import SentCredential


@dataclass(frozen=True, slots=True)
class Revocation:
    """`published_at` is set when the list anyone can fetch says so, not when the agent was asked."""

    id: UUID
    organisation: str
    award_id: UUID
    credential: SentCredential
    reason: str
    requested_at: datetime
    published_at: datetime | None = None


def publish(revocation: Revocation, *, now: datetime) -> Revocation:
    """The published list shows it."""
    return replace(revocation, published_at=now)
