"""What a learner says is wrong, as text any wallet can send."""

import pytest

from shared.contracts.question_words import WORDS, Matter, content_of, is_plain, read_content
from shared.web.languages import LANGUAGES


def test_every_matter_has_words_in_every_language_that_tell_it_apart() -> None:
    assert WORDS.keys() == LANGUAGES.keys()
    said = [text for texts in WORDS.values() for text in texts.values()]
    assert all(texts.keys() == set(Matter) for texts in WORDS.values())
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("matter", Matter)
def test_what_is_written_is_read(matter: Matter, language: str) -> None:
    assert read_content(content_of(matter, "Two\nlines.", language)) == (matter, "Two\nlines.")


def test_a_plain_text_names_no_matter() -> None:
    assert read_content("My name is Wanjiru.") == (None, "My name is Wanjiru.")


def test_what_no_page_can_show_is_left_out_and_what_is_too_long_cut() -> None:
    assert read_content("a\x00\x1b[31m\r\nb\ud800") == (None, "a[31m\nb")
    assert len(read_content("x" * 9999)[1]) == 4000


@pytest.mark.parametrize(("text", "plain"), [("one\r\ntwo", True), ("\x07", False), ("a\tb", False)])
def test_text_is_text(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
