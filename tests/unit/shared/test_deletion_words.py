"""A wish that what was shown be deleted, and its answer, are told apart from every other message."""

import pytest

from shared.contracts.deletion_words import (
    DELETED,
    MOST_REASON,
    REFUSED,
    WISHES,
    DeletionAnswer,
    answer_content,
    answer_in,
    wish_in,
)

LANGUAGES = ("en", "fr", "pt", "sw", "ar")
OTHERS = ("", "Hello", "Please", "My name is wrong\n\nPlease delete what I showed you.")


def test_every_sentence_is_there_in_every_language_and_is_no_other() -> None:
    for sentences in (WISHES, DELETED, REFUSED):
        assert tuple(sentences) == LANGUAGES
    every = [*WISHES.values(), *DELETED.values(), *REFUSED.values()]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wish_is_known_by_its_first_line_in_any_language(language: str) -> None:
    assert wish_in(WISHES[language]) == language
    assert wish_in(f"  {WISHES[language]}\r\n\r\nThank you") == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "answer",
    [DeletionAnswer(deleted=True), DeletionAnswer(deleted=False, because="The law says so.\nSix years.")],
)
def test_an_answer_comes_out_as_it_went_in(answer: DeletionAnswer, language: str) -> None:
    assert answer_in(answer_content(answer, language)) == answer


@pytest.mark.parametrize("content", OTHERS)
def test_another_message_is_neither(content: str) -> None:
    assert wish_in(content) is None
    assert answer_in(content) is None


def test_a_reason_is_cut_off_where_nobody_reads_any_more_and_has_no_characters_a_page_cannot_show() -> None:
    found = answer_in(f"{REFUSED['en']}\n\n\x00{'x' * 2000}")
    assert found == DeletionAnswer(deleted=False, because="x" * MOST_REASON)
