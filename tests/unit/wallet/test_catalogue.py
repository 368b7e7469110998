"""Every text a learner reads: there in five languages, translated, short enough for her screen, and in plain words."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from shared.web.languages import ENGLISH, LANGUAGES, Words
from shared.web.words import WORDS as SHARED
from wallet.entry.catalogue import _PARTS, WORDS
from wallet.main import TEMPLATES

OTHERS: Final = tuple(language for language in LANGUAGES if language != ENGLISH)
LONGEST_BUTTON: Final = 44
"""Characters: two lines of a button on a screen of 320 pixels."""
MORE: Final = 2.2
"""How many times as long as in English a text may be; a short one may have a word more."""
A_WORD: Final = 14
SAME_IN: Final = {("readable_thread", "fr"), *(("phone_short_name", language) for language in OTHERS)}
"""Names stay as they are, and "Messages" is French, too."""
EXPERTS: Final = re.compile(
    r"\bDIDs?\b|\bDIDComm\b|\b[Ss]ch[eé]mas?\b|\besquemas?\b|[Vv]erifiable|[Vv]érifiable|verific[áa]ve(l|is)\b|[Cc]r[eé]dential [Dd]efinition"
    r"|[Cc]ryptograph|[Cc]riptogr|[Ll]edger|[Bb]lockchain|AnonCreds|\bWebAuthn\b|\bpasskeys?\b|\bPRF\b|\bJSON\b|\bOOB\b|\bholders?\b"
)
"""What no learner has to know."""
_HOLE: Final = re.compile(r"{(\w+)}")
_NAMED: Final = re.compile(r"\bwords\.(\w+)")
_BUTTON: Final = re.compile(
    r"<button[^>]*>\{\{ words\.(\w+) \}\}</button>|class=\"button[^\"]*\"[^>]*>\{\{ words\.(\w+) \}\}</a>|\bgo\(\"[^\"]+\", words\.(\w+)"
)


def texts() -> Iterator[tuple[str, str, str]]:
    """Language, key and text of everything."""
    for language, all_texts in WORDS.items():
        for key, text in all_texts.items():
            yield language, key, text


@pytest.mark.parametrize("part", _PARTS, ids=lambda part: next(iter(part[ENGLISH])))
def test_every_part_has_the_same_texts_in_five_languages(part: Words) -> None:
    assert set(part) == set(LANGUAGES)
    for language in OTHERS:
        assert set(part[language]) ^ set(part[ENGLISH]) == set(), language


def test_no_text_is_defined_twice() -> None:
    counted = Counter(key for part in _PARTS for key in part[ENGLISH])
    assert [key for key, many in counted.items() if many > 1] == []


def test_no_text_is_empty_or_left_in_english() -> None:
    assert [(language, key) for language, key, text in texts() if text.strip() != text or not text] == []
    left = [
        (key, language)
        for language, key, text in texts()
        if language != ENGLISH and text == WORDS[ENGLISH][key] and (key, language) not in SAME_IN
    ]
    assert left == []


def test_every_text_has_the_same_holes() -> None:
    wrong = [
        (language, key)
        for language, key, text in texts()
        if sorted(_HOLE.findall(text)) != sorted(_HOLE.findall(WORDS[ENGLISH][key]))
    ]
    assert wrong == []


def test_no_text_is_overlong() -> None:
    long = [
        (language, key, len(text), len(WORDS[ENGLISH][key]))
        for language, key, text in texts()
        if len(text) > MORE * len(WORDS[ENGLISH][key]) + A_WORD
    ]
    assert long == []


def test_what_stands_on_a_button_fits_it() -> None:
    buttons = {
        key for _, template in templates() for found in _BUTTON.findall(template) for key in found if key
    }
    assert "keys_make" in buttons
    long = [
        (language, key, text)
        for language, key, text in texts()
        if key in buttons and len(text) > LONGEST_BUTTON
    ]
    assert long == []


def test_learners_are_spared_the_words_of_experts() -> None:
    assert [(language, key, text) for language, key, text in texts() if EXPERTS.search(text)] == []
    for word in ("DID", "schema", "verifiable", "credential definition", "cryptographic"):
        assert EXPERTS.search(word), word


def test_templates_name_texts_that_there_are() -> None:
    known = set(WORDS[ENGLISH]) | set(SHARED[ENGLISH])
    missing = [
        (name, key) for name, template in templates() for key in _NAMED.findall(template) if key not in known
    ]
    assert missing == []


def templates() -> Iterator[tuple[str, str]]:
    """Name and text of every template."""
    for path in sorted(TEMPLATES.glob("*.html")):
        yield path.name, path.read_text("utf-8")
