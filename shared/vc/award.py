"""One award in its envelopes: the AnonCreds attributes and the open, readable form whose digest they carry.

The open form is an Open Badges 3.0 AchievementCredential without proof, with the learner's name only as a salted hash.
"""

import calendar
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from shared.contracts.attributes import (
    ATTRIBUTES,
    NO_EXPIRY,
    NO_FAMILY_NAME,
    NO_GRADE,
    NOT_STATED,
    SCHEMA_VERSION,
)
from shared.contracts.errors import UjuziError
from shared.vc.achievement import Edition
from shared.vc.dateint import rfc3339, to_dateint
from shared.vc.jcs import digest_multibase

_PERCENT = 100
_SHORTEST_SALT = 16


class AwardFaulty(UjuziError):
    """The facts of an award contradict one another or are out of range."""


@dataclass(frozen=True)
class AwardFacts:
    """What differs between learners. `family_name` None means: she has one name.

    `award_id` is a UUID, `salt` at least 16 random characters; both stay the same when the award is offered anew.
    `expires_on` None means: as the edition says. Raises AwardFaulty.
    """

    award_id: str
    given_name: str = field(repr=False)
    family_name: str | None = field(repr=False)
    awarded_on: date
    salt: str = field(repr=False)
    expires_on: date | None = None
    grade: str | None = field(default=None, repr=False)
    grade_pct: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.given_name.strip() or (self.family_name is not None and not self.family_name.strip()):
            raise AwardFaulty(
                "A given name was expected, and a family name that is a text or declared missing."
            )
        if self.grade_pct is not None and not 0 <= self.grade_pct <= _PERCENT:
            raise AwardFaulty(f"A grade from 0 to {_PERCENT} percent was expected.")
        if self.expires_on is not None and self.expires_on <= self.awarded_on:
            raise AwardFaulty("The award would expire before or on the day it is made.")
        if len(self.salt) < _SHORTEST_SALT:
            raise AwardFaulty(f"A salt of at least {_SHORTEST_SALT} random characters was expected.")


def expiry(edition: Edition, facts: AwardFacts) -> date | None:
    """Return the last day of validity, None if there is none."""
    return facts.expires_on or last_day(edition, facts.awarded_on)


def last_day(edition: Edition, awarded_on: date) -> date | None:
    """Return the last day of validity of an award made on a day, as the edition says; None if there is none."""
    if edition.valid_for_months is None:
        return None
    months = awarded_on.month - 1 + edition.valid_for_months
    year, month = awarded_on.year + months // 12, months % 12 + 1
    return date(year, month, min(awarded_on.day, calendar.monthrange(year, month)[1]))


def attributes(edition_id: str, edition: Edition, facts: AwardFacts) -> dict[str, str]:
    """Return the AnonCreds attributes of an award, in the profile's order."""
    ends = expiry(edition, facts)
    values = {
        "given_name": facts.given_name,
        "family_name": facts.family_name or NO_FAMILY_NAME,
        "awarded_dateint": str(to_dateint(facts.awarded_on)),
        "expiry_dateint": str(NO_EXPIRY if ends is None else to_dateint(ends)),
        "grade": facts.grade or NO_GRADE,
        "grade_pct": _integer(facts.grade_pct),
        "eqf_level": _integer(edition.eqf_level),
        "workload_hours": _integer(edition.workload_hours),
        "credits_x10": _integer(None if edition.credits is None else round(edition.credits * 10)),
        "achievement_id": edition_id,
        "awarding_body_id": edition.issuer_did,
        "issuer_country": edition.country,
        "title": edition.title(),
        "profile_version": SCHEMA_VERSION,
        "twin_digest": twin_digest(edition_id, edition, facts),
    }
    return {name: values[name] for name in ATTRIBUTES}


def twin_digest(edition_id: str, edition: Edition, facts: AwardFacts) -> str:
    """Return the digest of the award's open form."""
    return digest_multibase(open_form(edition_id, edition, facts))


def open_form(edition_id: str, edition: Edition, facts: AwardFacts) -> dict[str, Any]:
    """Return the award as an unsigned Open Badges 3.0 AchievementCredential."""
    ends = expiry(edition, facts)
    achievement = {"id": edition_id} | {
        name: value for name, value in edition.content.items() if name != "@context"
    }
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [identity_hash(facts)],
        "achievement": achievement,
    }
    if result := _result(facts):
        subject["result"] = [result]
    document: dict[str, Any] = {
        "@context": edition.content["@context"],
        "id": f"urn:uuid:{facts.award_id}",
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": edition.title(),
        "issuer": dict(edition.content["creator"]),
        "validFrom": _midnight(facts.awarded_on),
        "awardedDate": _midnight(facts.awarded_on),
        "credentialSubject": subject,
    }
    if ends is not None:
        document["validUntil"] = rfc3339(datetime.combine(ends, time(23, 59, 59), UTC))
    return document


def identity_hash(facts: AwardFacts) -> dict[str, Any]:
    """Return the learner's name as an Open Badges IdentityObject: sha256 of the name followed by the salt."""
    name = " ".join(part for part in (facts.given_name, facts.family_name) if part)
    hashed = hashlib.sha256((name + facts.salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "identityType": "name",
        "hashed": True,
        "identityHash": f"sha256${hashed}",
        "salt": facts.salt,
    }


def _result(facts: AwardFacts) -> Mapping[str, Any] | None:
    value = facts.grade if facts.grade is not None else facts.grade_pct
    return None if value is None else {"type": ["Result"], "value": str(value)}


def _integer(value: int | None) -> str:
    return NOT_STATED if value is None else str(value)


def _midnight(day: date) -> str:
    return rfc3339(datetime.combine(day, time(), UTC))
