"""What applicants and reviewers read: whole in every language, and a word for each state and each move."""

from string import Formatter
from typing import get_args

import pytest

from services.trust_registry.domain.application import StateName, What
from services.trust_registry.entry.application_words import REVIEW, WORDS
from shared.web.languages import LANGUAGES, Words


@pytest.mark.parametrize(
    ("words", "languages"), [(WORDS, set(LANGUAGES)), (REVIEW, {"en", "fr", "ar"})], ids=["public", "console"]
)
def test_every_language_has_every_text_with_the_same_facts(words: Words, languages: set[str]) -> None:
    assert words.keys() == languages
    for texts in words.values():
        assert {key: blanks(text) for key, text in texts.items()} == {
            key: blanks(text) for key, text in words["en"].items()
        }
        assert all(text.strip() for text in texts.values())


def test_each_state_and_each_move_has_its_words() -> None:
    states = {f"ap_state_{state}" for state in get_args(StateName.__value__)}
    wanted = states | {f"{state}_more" for state in states}
    wanted |= {f"ap_what_{what}" for what in get_args(What.__value__)}
    assert wanted - WORDS["en"].keys() == set()


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
