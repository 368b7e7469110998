"""Skills of ESCO, by their names in several languages, and how a search folds them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ATTRIBUTION: Final = "This service uses the ESCO classification of the European Commission."
"""What the Commission asks of whoever reuses ESCO (Decision 2011/833/EU: free, with the source named)."""
MOST_WORDS: Final = 8
_LETTERS: Final = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ى": "ي",
        "ة": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC TATWEEL}": "",
    }
)
_WORD: Final = re.compile(r"\w+")
_ARTICLE: Final = "ال"
_SHORTEST_AFTER_ARTICLE: Final = 2


@dataclass(frozen=True, slots=True)
class Label:
    """A skill as ESCO calls it in one language; `also` are its other names."""

    name: str
    also: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One row of ESCO's file of a language. `obsolete` skills are kept for old editions and offered no more."""

    uri: str
    kind: str
    obsolete: bool
    label: Label


@dataclass(frozen=True, slots=True)
class FoundSkill:
    """A skill with its names by language, and what it means in the language it was found in."""

    uri: str
    kind: str
    names: Mapping[str, str]
    found_in: str
    description: str


@dataclass(frozen=True, slots=True)
class SkillFile:
    """Which version of ESCO is here in a language."""

    language: str
    version: str
    skills: int


@dataclass(frozen=True, slots=True)
class SkillFault:
    """A row that was left out. The header is row 1; a cell of several lines counts as one row."""

    row: int
    column: str
    problem: str


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents, vowel signs and the Arabic article, each once, in their order."""
    bare = "".join(
        each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each)
    ).translate(_LETTERS)
    return tuple(dict.fromkeys(_without_article(word) for word in _WORD.findall(bare)))


def key_of(name: str) -> str:
    """A name as it is compared: its words, folded."""
    return " ".join(words_of(name))


def version_key(version: str) -> tuple[int, ...]:
    """`1.2.0` in the order of versions. Raises ValueError."""
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def _without_article(word: str) -> str:
    rest = word.removeprefix(_ARTICLE)
    return rest if len(rest) >= _SHORTEST_AFTER_ARTICLE else word
