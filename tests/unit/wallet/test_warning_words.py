"""Every warning has its words, in every language, with the same things filled in."""

import re
from string import Formatter

import pytest

from shared.contracts.attribute_words import ATTRIBUTE_WORDS
from shared.contracts.attributes import ATTRIBUTES
from shared.web.languages import LANGUAGES, Words
from wallet.domain.requester import Doubt
from wallet.domain.trust import Standing, Trust
from wallet.domain.warning import Warned, WarningCode
from wallet.entry.people_words import PEOPLE
from wallet.entry.warning_words import PROOF, STANDS, WARNINGS, standing_said, warning_said

CATALOGUES = {
    "people": PEOPLE,
    "proof": PROOF,
    "stands": STANDS,
    "warnings": WARNINGS,
    "attributes": ATTRIBUTE_WORDS,
}


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
    assert STANDS["en"].keys() | WARNINGS["en"].keys() == {
        "listed",
        "may-award",
        "not-for-award",
        *WarningCode,
    } - {"unproven"}
    assert ATTRIBUTE_WORDS["en"].keys() == set(ATTRIBUTES)


def test_attributes_are_named_in_the_readers_language_and_unknown_ones_as_they_are() -> None:
    said = warning_said(Warned(WarningCode.MORE_ATTRIBUTES, ("grade", "shoe_size")))

    assert said["pt"].endswith(
        "permitido: Nota, \N{FIRST STRONG ISOLATE}Shoe size\N{POP DIRECTIONAL ISOLATE}."
    )
    assert "، " in said["ar"]


@pytest.mark.parametrize(
    ("outcome", "did", "listed_on", "part"),
    [
        (Trust.TRUSTED, "did:a:b", "demo", "may award this"),
        (Trust.NOT_TRUSTED, "did:a:b", "demo", "but not for this programme"),
        (Trust.NOT_LISTED, "did:a:b", "demo", "on no list that this wallet uses"),
        (Trust.NOT_LISTED, None, None, "on no list that this wallet uses"),
        (Trust.NOT_LISTED, "did:a:b", None, "uses no list of trusted organisations"),
        (Trust.UNKNOWN, "did:a:b", "demo", "it cannot be told"),
    ],
)
def test_who_offers_is_said_in_every_language(
    outcome: Trust, did: str | None, listed_on: str | None, part: str
) -> None:
    said = standing_said(Standing(did, "Digital Skills Trust", outcome, "why", list_name=listed_on))

    assert part in said["en"]
    assert said.keys() == LANGUAGES.keys()
    assert len(set(said.values())) == len(LANGUAGES)


def filled_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
