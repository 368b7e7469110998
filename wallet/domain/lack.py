"""What a credential lacks to answer a need: a code that pages put in the reader's language, and the sentence for programs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.contracts.signed_request import AskedAlternative
from wallet.domain.proof_request import Predicate


class LackCode(StrEnum):
    """Every way not to fit. Their words are in `entry/sharing_words.py`."""

    NOTHING_HELD = "nothing-held"
    NONE_FITS = "none-fits"
    WANTED = "wanted"
    """What would fit, for whoever has nothing that does."""
    NO_ATTRIBUTE = "no-attribute"
    COMPARISON = "comparison"
    NOT_ADMITTED = "not-admitted"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NOT_DESCRIBED = "not-described"
    SKILL = "skill"
    LEVEL = "level"
    HOURS = "hours"
    TOO_EARLY = "too-early"


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, and the facts to say it with: what was asked, and what is there instead."""

    code: LackCode
    english: str
    attribute: str = ""
    has: str | None = None
    """The credential's own: a raw value, or the number of a level or of hours; None where nothing is stated."""
    compared: Predicate | None = None
    asked: AskedAlternative | None = None
    after: date | None = None
