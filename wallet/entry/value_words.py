"""Attributes and their values as a learner reads them, in her language; the words are in `shared/contracts`."""

from typing import Final

from shared.contracts.asked_words import COMPARED_WORDS
from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.contracts.attributes import NO_EXPIRY, NO_FAMILY_NAME, NO_GRADE, NOT_STATED
from shared.contracts.programme_words import PROGRAMME_WORDS
from shared.vc.dateint import DateMalformed, from_dateint
from shared.web.countries import country_name
from shared.web.languages import Words, day_in_words
from wallet.domain.proof_request import Predicate
from wallet.domain.words import AT_LEAST, MORE_THAN, label

DAYS: Final = frozenset({"awarded_dateint", "expiry_dateint"})
NUMBERS: Final = frozenset({"grade_pct", "eqf_level", "workload_hours", "credits_x10"})

VALUES: Final[Words] = {
    "en": {"not_stated": "Not stated", "one_name": "None: one name only"},
    "fr": {"not_stated": "Non indiqué", "one_name": "Aucun\N{NO-BREAK SPACE}: un seul nom"},
    "pt": {"not_stated": "Não indicado", "one_name": "Nenhum: um só nome"},
    "sw": {"not_stated": "Haikutajwa", "one_name": "Hakuna: jina moja tu"},
    "ar": {"not_stated": "غير مذكور", "one_name": "لا يوجد: اسم واحد فقط"},
}


def attribute_said(name: str, language: str) -> str:
    """An attribute's name; one of another issuer's own making as it is, without underscores."""
    return ATTRIBUTE_WORDS[language].get(name) or label(name)


def value_said(name: str, raw: str, language: str) -> str:
    """An attribute's value for reading; a value of unexpected shape as it is."""
    if name in DAYS:
        return _day(raw, language)
    if (name, raw) == ("family_name", NO_FAMILY_NAME):
        return VALUES[language]["one_name"]
    if (name, raw) == ("grade", NO_GRADE):
        return PROGRAMME_WORDS[language]["grade_pass"]
    if name == "issuer_country":
        return country_name(raw, language)
    if name in NUMBERS and raw.isdecimal():
        return VALUES[language]["not_stated"] if raw == NOT_STATED else _number(name, int(raw))
    return raw


def compared_said(part: Predicate, language: str) -> str:
    """What a comparison proves, without the value it is proven of."""
    words, what = COMPARED_WORDS[language], attribute_said(part.attribute, language)
    if part.attribute not in DAYS:
        return words[part.operator].format(what=what, value=_number(part.attribute, part.value))
    day = _day(str(part.value), language)
    if part.attribute == "expiry_dateint" and part.operator in {AT_LEAST, MORE_THAN}:
        key = "valid_on" if part.operator == AT_LEAST else "valid_after"
        return words["endless"] if part.value >= NO_EXPIRY else words[key].format(value=day)
    return words[f"day{part.operator}"].format(what=what, value=day)


def _number(name: str, value: int) -> str:
    if name == "credits_x10":
        return f"{value / 10:g}"
    return f"{value} %" if name == "grade_pct" else str(value)


def _day(raw: str, language: str) -> str:
    if raw == str(NO_EXPIRY):
        return PROGRAMME_WORDS[language]["valid_always"]
    try:
        return day_in_words(from_dateint(raw), language)
    except DateMalformed:
        return raw
