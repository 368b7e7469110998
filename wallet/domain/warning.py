"""What a careful person would ask about before she answers: a code for programs, and what it is about.

She answers by naming the codes she saw, so a code never changes its meaning. Their words are in `entry/warning_words.py`.
"""

from dataclasses import dataclass
from enum import StrEnum


class WarningCode(StrEnum):
    """Every kind of warning about a request."""

    UNREADABLE = "unreadable"
    EXPIRED = "expired"

    UNPROVEN = "unproven"
    NO_LIST = "no-list"
    LIST_STALE = "list-stale"
    LIST_NOT_CHECKED = "list-not-checked"
    NOT_LISTED = "not-listed"
    NOT_FOR_THIS = "not-for-this"
    NOT_YET = "not-yet"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    COMPROMISED = "compromised"
    DISOWNED_ELSEWHERE = "disowned-elsewhere"
    LIST_REFUSED = "list-refused"

    MORE_ATTRIBUTES = "more-attributes"
    OTHER_KIND = "other-kind"
    OTHER_COUNTRY = "other-country"
    ABOVE_LEVEL = "above-level"
    LIMITS_NOT_COMPARED = "limits-not-compared"
    YOURS_ALONE = "yours-alone"
    FEW_PEOPLE = "few-people"


@dataclass(frozen=True)
class Warned:
    """One warning. `about`: the attributes it is about; of `unproven` why nobody proved it."""

    code: WarningCode
    about: tuple[str, ...] = ()
