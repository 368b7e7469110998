"""Every warning has its words, in every language, with the same things filled in."""

import re
from string import Formatter

import pytest

from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.contracts.attributes import ATTRIBUTES
from shared.web.languages import LANGUAGES, Words
from wallet.domain.requester import Doubt
from wallet.domain.warning import Warned, WarningCode
from wallet.entry.warning_words import PROOF, STANDS, WARNINGS, warning_said

CATALOGUES = {"proof": PROOF, "stands": STANDS, "warnings": WARNINGS, "attributes": ATTRIBUTE_WORDS}


@pytest.mark.parametrize("name", CATALOGUES)
def test_each_language_says_all_with_the_same_things_filled_in(name: str) -> None:
    words: Words = CATALOGUES[name]
    assert words.keys() == LANGUAGES.keys()
    for tag, said in words.items():
        assert said.keys() == words["en"].keys()
        for key, text in said.items():
            assert filled_in(text) == filled_in(words["en"][key]), (tag, key)
            if tag == "ar":
                assert re.search(r"[\u0600-\u06ff]", text)
            elif tag != "en" and name != "attributes":
                assert text != words["en"][key], (tag, key)


def test_every_code_has_words_and_every_word_a_code() -> None:
    assert PROOF["en"].keys() == {"proven", "unproven", *Doubt}
    assert STANDS["en"].keys() | WARNINGS["en"].keys() == {"listed", *WarningCode} - {"unproven"}
    assert ATTRIBUTE_WORDS["en"].keys() == set(ATTRIBUTES)


def test_attributes_are_named_in_the_readers_language_and_unknown_ones_as_they_are() -> None:
    said = warning_said(Warned(WarningCode.MORE_ATTRIBUTES, ("grade", "shoe_size")))

    assert said["pt"].endswith(
        "permitido: Nota, \N{FIRST STRONG ISOLATE}Shoe size\N{POP DIRECTIONAL ISOLATE}."
    )
    assert "، " in said["ar"]


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
