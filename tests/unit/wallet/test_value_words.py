"""What is asked, proven and shown reads in every language, whatever an issuer or a verifier wrote."""

from string import Formatter

import pytest

from shared.contracts.asked_words import ASKED_WORDS, COMPARED_WORDS
from shared.web.languages import LANGUAGES, Words
from wallet.domain.proof_request import Predicate
from wallet.entry.value_words import VALUES, compared_said, value_said

CATALOGUES = {"asked": ASKED_WORDS, "compared": COMPARED_WORDS, "values": VALUES}


def compared(attribute: str, operator: str, value: int, language: str = "en") -> str:
    return compared_said(Predicate("need_0_x", attribute, operator, value, ()), language)


@pytest.mark.parametrize("name", CATALOGUES)
def test_each_language_says_all_with_the_same_things_filled_in(name: str) -> None:
    words: Words = CATALOGUES[name]
    assert words.keys() == LANGUAGES.keys()
    for tag, said in words.items():
        assert said.keys() == words["en"].keys()
        assert all(said.values())
        for key, text in said.items():
            assert filled_in(text) == filled_in(words["en"][key]), (tag, key)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("awarded_dateint", "20260131", "31 January 2026"),
        ("awarded_dateint", "last spring", "last spring"),
        ("expiry_dateint", "99991231", "It does not expire"),
        ("family_name", "(mononym)", "None: one name only"),
        ("grade", "pass", "Passed"),
        ("grade", "merit", "merit"),
        ("grade_pct", "87", "87 %"),
        ("eqf_level", "0", "Not stated"),
        ("workload_hours", "120", "120"),
        ("credits_x10", "45", "4.5"),
        ("issuer_country", "KE", "Kenya"),
        ("shoe_size", "0", "0"),
    ],
)
def test_a_value_reads_as_people_write_it(name: str, raw: str, said: str) -> None:
    assert value_said(name, raw, "en") == said


@pytest.mark.parametrize(
    ("attribute", "operator", "value", "said"),
    [
        ("awarded_dateint", ">=", 20240101, "Date of award: 1 January 2024 or later"),
        ("awarded_dateint", "<", 20240101, "Date of award: before 1 January 2024"),
        ("expiry_dateint", ">=", 20261121, "Still valid on 21 November 2026"),
        ("expiry_dateint", ">", 20261121, "Still valid after 21 November 2026"),
        ("expiry_dateint", ">=", 99991231, "It does not expire"),
        ("expiry_dateint", "<=", 20261121, "Valid until: 21 November 2026 or earlier"),
        ("eqf_level", ">=", 4, "European level (EQF): 4 or more"),
        ("credits_x10", "<", 45, "Credits: less than 4.5"),
        ("grade_pct", ">", 50, "Grade in percent: more than 50 %"),
        ("shoe_{size}", "<=", 40, "Shoe {size}: 40 or less"),
    ],
)
def test_a_comparison_is_told_without_the_value_it_is_proven_of(
    attribute: str, operator: str, value: int, said: str
) -> None:
    assert compared(attribute, operator, value) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_are_written_in_the_readers_language(language: str) -> None:
    assert (
        compared("awarded_dateint", ">=", 20240101, language)
        == {
            "en": "Date of award: 1 January 2024 or later",
            "fr": "Date d'attribution\N{NO-BREAK SPACE}: 1er janvier 2024 ou plus tard",
            "pt": "Data de atribuição: 1 de janeiro de 2024 ou depois",
            "sw": "Tarehe ya kutolewa: 1 Januari 2024 au baadaye",
            "ar": "تاريخ المنح: 1 يناير 2024 أو بعده",
        }[language]
    )


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
