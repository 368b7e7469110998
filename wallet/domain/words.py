"""Attribute names and values in words a learner reads.

The words here are English; every view also carries the attribute's name and raw value, so that a client can say it in its own
language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from shared.contracts.attributes import NO_EXPIRY, NO_FAMILY_NAME, NOT_STATED

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "given_name": "Given name",
        "family_name": "Family name",
        "awarded_dateint": "Awarded on",
        "expiry_dateint": "Valid until",
        "grade": "Grade",
        "grade_pct": "Grade in percent",
        "eqf_level": "European level (EQF)",
        "workload_hours": "Hours of learning",
        "credits_x10": "Credits",
        "achievement_id": "Programme (its published description)",
        "awarding_body_id": "Awarding body (identifier)",
        "issuer_country": "Country",
        "title": "Title",
        "profile_version": "Format version",
        "twin_digest": "Fingerprint of the open copy",
    }
)

_NAMES: Mapping[str, str] = MappingProxyType({text: name for name, text in LABELS.items()})
_DATES = frozenset({"awarded_dateint", "expiry_dateint"})
_STATED_NUMBERS = frozenset({"grade_pct", "eqf_level", "workload_hours", "credits_x10"})
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

AT_LEAST, MORE_THAN, AT_MOST, LESS_THAN = ">=", ">", "<=", "<"
_COMPARISONS = MappingProxyType(
    {AT_LEAST: "at least", MORE_THAN: "more than", AT_MOST: "at most", LESS_THAN: "less than"}
)
_DATE_COMPARISONS = MappingProxyType(
    {AT_LEAST: "on or after", MORE_THAN: "after", AT_MOST: "on or before", LESS_THAN: "before"}
)


_SPECIAL = MappingProxyType(
    {
        ("expiry_dateint", str(NO_EXPIRY)): "does not expire",
        ("family_name", NO_FAMILY_NAME): "none (one name only)",
    }
)
_SENTENCES = MappingProxyType(
    {
        "eqf_level": "European level (EQF) {how} {value}",
        "workload_hours": "{how} {value} hours of learning",
        "credits_x10": "{how} {value} credits",
        "grade_pct": "a grade of {how} {value} %",
    }
)


@dataclass(frozen=True)
class Claim:
    """One attribute: `raw` is the signed text, `value` the same in words."""

    name: str
    label: str
    value: str
    raw: str


def label(name: str) -> str:
    """The attribute's name in words; an unknown name loses its underscores."""
    return LABELS.get(name) or name.replace("_", " ").strip().capitalize() or name


def name_of_label(text: str) -> str:
    """The attribute that `label` calls so; a text that is no label stays as it is."""
    return _NAMES.get(text, text)


def day_in_words(day: date) -> str:
    """`2026-01-31` as "31 January 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def value_in_words(name: str, raw: str) -> str:
    """An attribute's value for reading; a value of unexpected shape is shown as it is."""
    if (name, raw) in _SPECIAL:
        return _SPECIAL[name, raw]
    if name in _DATES:
        return _dateint_in_words(raw)
    if name in _STATED_NUMBERS and raw == NOT_STATED:
        return "not stated"
    if name == "credits_x10" and raw.isdecimal():
        return f"{int(raw) / 10:g}"
    return f"{raw} %" if name == "grade_pct" and raw.isdecimal() else raw


def claims(attributes: Mapping[str, str]) -> tuple[Claim, ...]:
    """All attributes in reading order: the known ones as in LABELS, then the rest by name."""
    known = [name for name in ("title", *LABELS) if name in attributes]
    others = sorted(set(attributes) - set(LABELS))
    ordered = dict.fromkeys((*known, *others))
    return tuple(
        Claim(name, label(name), value_in_words(name, attributes[name]), attributes[name]) for name in ordered
    )


def predicate_in_words(name: str, operator: str, value: int) -> str:
    """What a predicate proves, without the value it is proven of.

    `("awarded_dateint", ">=", 20240101)` reads "awarded on or after 1 January 2024".
    """
    if name == "awarded_dateint":
        return f"awarded {_DATE_COMPARISONS[operator]} {_dateint_in_words(str(value))}"
    if name == "expiry_dateint":
        return _expiry_in_words(operator, value)
    shown = f"{value / 10:g}" if name == "credits_x10" else str(value)
    how = _COMPARISONS[operator]
    if name not in _SENTENCES:
        return f"{label(name).lower()} {how} {shown}"
    return _SENTENCES[name].format(how=how, value=shown)


def _expiry_in_words(operator: str, value: int) -> str:
    day = _dateint_in_words(str(value))
    if operator in {AT_LEAST, MORE_THAN}:
        return (
            "does not expire"
            if value >= NO_EXPIRY
            else f"still valid {'after' if operator == MORE_THAN else 'on'} {day}"
        )
    return f"valid until {_DATE_COMPARISONS[operator]} {day}"


def _dateint_in_words(raw: str) -> str:
    try:
        return day_in_words(date(int(raw[:-4]), int(raw[-4:-2]), int(raw[-2:])))
    except ValueError:
        return raw
