"""The claim pages' words."""

import pytest

from issuer.entry.words import WORDS, language_of


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_every_word(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert all(WORDS[language].values())


@pytest.mark.parametrize(
    ("wanted", "shown"), [("fr", "fr"), ("pt-BR", "pt"), ("SW", "sw"), ("xh", "en"), ("", "en")]
)
def test_the_nearest_language_is_shown(wanted: str, shown: str) -> None:
    assert language_of(wanted) == shown
