"""An award that does not count for a while: why and since when, and what that asks of its credential.

A verifier cannot tell a suspended credential from a revoked one; only the learner is told which it is.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from issuer.domain.award import Award, Issued, SentCredential, Suspension
from issuer.errors import AwardRefusesAction


class Status(StrEnum):
    """What a credential is worth."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The latest order of what a credential is to be; an earlier one for the same credential is void.

    `published_at` is set when the list anyone can fetch shows it and the learner was told. Who is revoked has none: that is
    final, and overrides it.
    """

    id: UUID
    organisation: str
    award_id: UUID
    credential: SentCredential
    suspended: bool
    reason: str
    requested_at: datetime
    published_at: datetime | None = None

    @property
    def status(self) -> Status:
        """What the credential is to be."""
        return Status.SUSPENDED if self.suspended else Status.VALID


@dataclass(frozen=True, slots=True)
class StatusNotice:
    """What a learner's wallet is told. `words` say it in `language` to a wallet that knows no suspensions."""

    id: UUID
    status: Status
    reason: str
    words: str
    language: str
    at: datetime


def suspend(award: Award, change_id: UUID, reason: str, now: datetime) -> tuple[Award, StatusChange]:
    """Return the suspended award and what is asked of its credential.

    Raises AwardRefusesAction unless the award is issued and not suspended.
    """
    if award.suspension is not None:
        raise AwardRefusesAction(
            f"This award is suspended already, since {award.suspension.at:%Y-%m-%d}. Reinstate it or revoke it."
        )
    match award.state:
        case Issued(credential):
            pass
        case _:
            raise AwardRefusesAction(
                f"This award is {award.state_name}: only an award whose credential is in a wallet can be suspended. "
                "Before that it can be revoked."
            )
    suspended = replace(award, suspension=Suspension(reason, now), updated_at=now)
    return suspended, _change(award, change_id, credential, reason, suspended=True, now=now)


def reinstate(award: Award, change_id: UUID, reason: str, now: datetime) -> tuple[Award, StatusChange]:
    """Return the award as it counts again and what is asked of its credential.

    Raises AwardRefusesAction unless the award is suspended.
    """
    match award.state:
        case Issued(credential) if award.suspension is not None:
            reinstated = replace(award, suspension=None, updated_at=now)
            return reinstated, _change(award, change_id, credential, reason, suspended=False, now=now)
        case Issued():
            raise AwardRefusesAction("This award is not suspended: it counts.")
        case _:
            raise AwardRefusesAction(
                f"This award is {award.state_name}, which cannot be taken back; only a suspended award is reinstated."
            )


def _change(
    award: Award,
    change_id: UUID,
    credential: SentCredential,
    reason: str,
    *,
    suspended: bool,
    now: datetime,
) -> StatusChange:
    return StatusChange(
        change_id, award.organisation, award.id, credential, suspended, reason, requested_at=now
    )
