"""Names are compared with care and without guessing."""

import pytest

from verifier.domain.names import Applicant, Likeness, compare

MATCH, DIFFERS, CANNOT_TELL = Likeness.MATCH, Likeness.DIFFERS, Likeness.CANNOT_TELL


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (("Amina", "Otieno"), ("Amina", "Otieno")),
        (("AMINA", "otieno"), ("Amina", "Otieno")),
        (("Jose", "Nunez"), ("José", "Núñez")),
        (("Jose\u0301", "Nunez"), ("José", "Nunez")),  # decomposed and composed
        (("Ａｍｉｎａ", "Otieno"), ("Amina", "Otieno")),  # noqa: RUF001 - full-width letters are NFKC's business
        (("Otieno", "Amina"), ("Amina", "Otieno")),
        (("Abdul Rahman", "Ali"), ("Abdulrahman", "Ali")),
        (("Amina", "Al-Hassan"), ("Amina", "Al Hassan")),
        (("Ng'endo", "Wanjiru"), ("Ng\u2019endo", "Wanjiru")),
        (("Søren", "Łukasz"), ("Soren", "Lukasz")),
        (("Straße", "Ali"), ("STRASSE", "Ali")),
        (("Suharto", ""), ("Suharto", "(mononym)")),
        (("", "Suharto"), ("Suharto", "(mononym)")),
        (("أحمد", "علي"), ("احمد", "علي")),
        (("مُحَمَّد", "علي"), ("محمد", "عـلـي")),
        (("Αλέξης", "Νίκου"), ("ΑΛΕΞΗΣ", "ΝΙΚΟΥ")),  # noqa: RUF001 - Greek, with its final sigma
        (("अमिता", "राय"), ("अमिता", "राय")),
    ],
)
def test_what_is_written_otherwise_is_the_same_name(own: tuple[str, str], shown: tuple[str, str]) -> None:
    found = compare(Applicant(*own), Applicant(*shown))
    assert (found.likeness, found.reason) == (MATCH, "the name shown is the applicant's")


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (("Amina", "Otieno"), ("Fatuma", "Otieno")),
        (("Amina", "Otieno"), ("Amina", "Hassan")),
        (("Ann", "Alee"), ("Anna", "Lee")),
        (("अमिता", "राय"), ("अमीता", "राय")),  # there a mark is a vowel
        (("Suharto", ""), ("Sukarno", "(mononym)")),
    ],
)
def test_another_name_differs(own: tuple[str, str], shown: tuple[str, str]) -> None:
    found = compare(Applicant(*own), Applicant(*shown))
    assert (found.likeness, found.reason) == (DIFFERS, "the name shown is not the applicant's")


@pytest.mark.parametrize(
    ("own", "shown", "reason"),
    [
        (("Amina", "Otieno"), ("أمينة", "أوتيينو"), "transliteration is not guessed"),
        (("Amina", "Otieno"), ("Amina Wanjiru", "Otieno"), "parts that the other leaves out"),
        (("Amina", ""), ("Amina", "Otieno"), "parts that the other leaves out"),
        (("A.", "Otieno"), ("Amina", "Otieno"), "initials"),
        (("Müller", "Jörg"), ("Mueller", "Joerg"), "written out"),
        (("", ""), ("Amina", "Otieno"), "empty"),
        (("---", ""), ("Amina", "Otieno"), "no letters"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(
    own: tuple[str, str], shown: tuple[str, str], reason: str
) -> None:
    for one, other in ((own, shown), (shown, own)):
        found = compare(Applicant(*one), Applicant(*other))
        assert (found.likeness, reason in found.reason) == (CANNOT_TELL, True), found


def test_a_name_is_not_repeated() -> None:
    assert "Amina" not in repr(Applicant("Amina", "Otieno"))
    assert "Otieno" not in repr(Applicant("Amina", "Otieno"))
