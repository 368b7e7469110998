"""Credentials as the learner holds them, and what they are known to be worth now."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from shared.contracts.attributes import NO_EXPIRY
from shared.vc.achievement import Edition

SOON_STALE_DAYS = 14
"""A status list older than this is reported as old: its issuer should have published a newer one."""


@dataclass(frozen=True)
class HeldCredential:
    """One credential in her store."""

    id: str
    schema_id: str
    cred_def_id: str
    attributes: Mapping[str, str]
    rev_reg_id: str | None = None
    rev_index: int | None = None
    schema: tuple[str, str] | None = None
    """Name and version; looked up only where a request names them."""

    @property
    def edition_id(self) -> str | None:
        """The signed description of the programme it names."""
        return self.attributes.get("achievement_id")


@dataclass(frozen=True)
class EditionFound:
    """The edition resolved and verified, and published by the very DID that issues the credential."""

    id: str
    edition: Edition
    content: Mapping[str, JsonValue]


@dataclass(frozen=True)
class EditionMissing:
    """No edition that could be relied on, and why."""

    id: str | None
    why: str


EditionResult = EditionFound | EditionMissing


class StatusState(StrEnum):
    """What is known of a credential now."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    """Not valid for now. The list says the same of it as of a revoked one; that it is not final is its issuer's word to the learner."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Status:
    """`published_at` is when the issuer published the list it was read from; None without a list.

    `why` is what the issuer says of a revocation, a suspension or its end, `since` when that began by its word.
    """

    state: StatusState
    reason: str
    published_at: datetime | None = None
    why: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class StatusListFact:
    """The newest status list of a registry: when it was published and whom it revokes."""

    published_at: datetime
    revoked: Sequence[int]
    """One entry per index: 0 stands, anything else is revoked."""


@dataclass(frozen=True)
class StatusListMissing:
    """The list could not be had, and why."""

    why: str


@dataclass(frozen=True)
class IssuersWord:
    """What its issuer told the learner of a credential; the last of it."""

    state: StatusState
    """Revoked, suspended, or valid again."""
    why: str | None
    since: datetime | None = None


def with_word(status: Status, word: IssuersWord | None) -> Status:
    """Return the status with what its issuer said.

    The published list alone says what a credential is worth: a word that does not go with it is no news.
    """
    if word is None:
        return status
    why = f" It says why: {word.why}" if word.why else ""
    since = f" since {word.since:%Y-%m-%d}" if word.since else ""
    match status.state, word.state:
        case StatusState.REVOKED, StatusState.REVOKED:
            return replace(status, reason=f"{status.reason}{why}", why=word.why)
        case StatusState.REVOKED, StatusState.SUSPENDED:
            return replace(
                status,
                state=StatusState.SUSPENDED,
                reason=f"The issuer has suspended this credential{since}: it does not count until it is reinstated.{why}",
                why=word.why,
                since=word.since,
            )
        case StatusState.VALID, StatusState.VALID:
            return replace(
                status,
                reason=f"The issuer has reinstated this credential: it is valid again{since}.{why}",
                why=word.why,
                since=word.since,
            )
        case _:
            return status


def same_award(issuer_did: str, attributes: Mapping[str, str]) -> str | None:
    """A fingerprint two credentials share exactly when one issuer gave them for one award; None without a twin digest.

    The issuer is the DID that owns the credential definition, never an attribute: an attribute is what an issuer says of itself.
    """
    twin = attributes.get("twin_digest")
    return hashlib.sha256(f"{issuer_did}\n{twin}".encode()).hexdigest() if twin else None


def status_of(
    held: HeldCredential, listed: StatusListFact | StatusListMissing | None, *, now: datetime
) -> Status:
    """What the credential is worth at `now`; `listed` is None when it cannot be revoked."""
    published_at = listed.published_at if isinstance(listed, StatusListFact) else None
    if isinstance(listed, StatusListFact) and held.rev_index is not None:
        if held.rev_index >= len(listed.revoked):
            return Status(
                StatusState.UNKNOWN, "The issuer's status list does not cover this credential.", published_at
            )
        if listed.revoked[held.rev_index]:
            return Status(StatusState.REVOKED, "The issuer has revoked this credential.", published_at)
    expiry = held.attributes.get("expiry_dateint", "")
    if expiry.isdecimal() and int(expiry) < int(now.strftime("%Y%m%d")) and int(expiry) != NO_EXPIRY:
        return Status(StatusState.EXPIRED, "The credential has expired.", published_at)
    if isinstance(listed, StatusListMissing):
        return Status(StatusState.UNKNOWN, f"Whether it was revoked could not be checked: {listed.why}")
    if isinstance(listed, StatusListFact):
        age = (now - listed.published_at).days
        old = f" That list is {age} days old." if age >= SOON_STALE_DAYS else ""
        return Status(StatusState.VALID, f"Not revoked in the issuer's newest list.{old}", published_at)
    return Status(StatusState.VALID, "This kind of credential is never revoked.")
