"""A requirement in the words of whoever is asked."""

from datetime import date

import pytest

from shared.web.languages import LANGUAGES
from verifier.domain.levels import LevelAsked
from verifier.domain.requirement import ASKABLE, Alternative, Need, Requirement
from verifier.entry.request_words import Condition, in_words
from verifier.entry.words import WORDS

SKILL = "http://data.europa.eu/esco/skill/2b92"
NEED = Need((Alternative(skill=SKILL, level=LevelAsked("eqf", 4), hours=100),))


def asking(*needs: Need, reveal: tuple[str, ...] = (), hide: bool = False) -> Requirement:
    return Requirement(
        purpose="Application", needs=needs or (NEED,), reveal=reveal, keep_days=30, hide_programme=hide
    )


def test_each_thing_asked_is_named() -> None:
    (need,) = in_words(asking(Need(NEED.alternatives, date(2024, 1, 1), not_expired=True)), "en").needs
    assert need.alternatives == (
        (
            Condition("It teaches this skill:", SKILL, "data.europa.eu/esco/skill/2b92"),
            Condition("Level 4 or higher (EQF)"),
            Condition("100 hours of learning or more"),
        ),
    )
    assert [each.text for each in need.always] == ["Awarded on or after 1 January 2024", "Still valid"]


def test_a_skill_without_an_address_is_no_link() -> None:
    (need,) = in_words(asking(Need((Alternative(skill="urn:skill:7"),))), "en").needs
    assert need.alternatives[0][0] == Condition("It teaches this skill:", None, "urn:skill:7")


def test_a_skill_that_is_known_is_shown_by_name_and_still_leads_to_its_description() -> None:
    names = {(SKILL, "fr"): "effectuer une analyse de données"}
    known = lambda skill, language: names.get((skill, language))  # noqa: E731 - what a catalogue does
    (french,) = in_words(asking(), "fr", known).needs
    (arabic,) = in_words(asking(), "ar", known).needs
    assert (french.alternatives[0][0].link, french.alternatives[0][0].shown) == (
        SKILL,
        "effectuer une analyse de données",
    )
    assert arabic.alternatives[0][0].shown == "data.europa.eu/esco/skill/2b92"


def test_what_is_revealed_includes_the_programme_and_the_date_that_trust_needs() -> None:
    assert in_words(asking(reveal=("given_name", "awarded_dateint")), "en").shown == (
        "Given name",
        "Date of award",
        "Which programme it is for",
    )
    late = Need(NEED.alternatives, awarded_after=date(2024, 1, 1))
    assert in_words(asking(late), "en").shown == ("Which programme it is for",)


def test_a_hidden_programme_is_only_proven() -> None:
    hidden = Need((Alternative(level=LevelAsked("eqf", 4), hours=100),), not_expired=True)
    found = in_words(asking(hidden, hide=True), "en")
    assert found.shown == ("Date of award",)
    assert found.proven == ("Level 4 or higher (EQF)", "100 hours of learning or more", "Still valid")
    assert in_words(asking(), "en").proven == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_can_be_asked_has_a_name_in_every_language(language: str) -> None:
    assert WORDS[language].keys() >= ASKABLE
