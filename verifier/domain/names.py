"""Whether a name in a credential is the applicant's, compared with care and without guessing.

Folded before comparing: Unicode NFKC, letter case, accents and vowel marks of Latin, Greek, Cyrillic, Arabic and Hebrew
letters, Latin letters with a stroke (ø, ł, đ), and everything that is neither letter nor digit. The order of names, which of
them is given or family, and where they are divided do not matter. Transliteration is not guessed: names in different
scripts cannot be told apart or together. Nothing here repeats a name.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from shared.contracts.attributes import NO_FAMILY_NAME

MAX_NAME: Final = 200
_MARKS: Final = ((0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED))  # fmt: skip
"""Marks that are left off: in other scripts, such as those of India, a mark is a vowel and tells names apart."""
_STROKES: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "æ": "ae", "œ": "oe", "þ": "th", "\N{ARABIC TATWEEL}": ""})  # fmt: skip
_APOSTROPHES: Final = "'`\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
_WRITTEN_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


@dataclass(frozen=True)
class Applicant:
    """A person's names; `family` is empty, or NO_FAMILY_NAME, for one who has a single name."""

    given: str = field(repr=False)
    family: str = field(default="", repr=False)


class Likeness(StrEnum):
    """What came of comparing two names."""

    MATCH = "match"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Compared:
    """`reason` says why and names nobody."""

    likeness: Likeness
    reason: str


def compare(applicant: Applicant, shown: Applicant) -> Compared:
    """Compare the applicant's name, as the job platform knows it, with the one in a credential."""
    own, other = _parts(applicant), _parts(shown)
    if not any(own) or not any(other):
        return Compared(Likeness.CANNOT_TELL, "the name is empty, or holds no letters to compare")
    if _same(own, other):
        return Compared(Likeness.MATCH, "the name shown is the applicant's")
    doubt = _doubt(own, other)
    if doubt is None and _same(_parts(applicant, written_out=True), _parts(shown, written_out=True)):
        doubt = "the two names differ in how letters such as ä or ø are written out"
    if doubt is not None:
        return Compared(Likeness.CANNOT_TELL, doubt)
    return Compared(Likeness.DIFFERS, "the name shown is not the applicant's")


type _Parts = tuple[tuple[str, ...], tuple[str, ...]]


def _parts(name: Applicant, *, written_out: bool = False) -> _Parts:
    family = "" if name.family == NO_FAMILY_NAME else name.family
    return _words(name.given, written_out=written_out), _words(family, written_out=written_out)


def _words(text: str, *, written_out: bool) -> tuple[str, ...]:
    """`text` folded, in its parts."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if written_out:
        folded = unicodedata.normalize("NFC", folded).translate(_WRITTEN_OUT)
    letters = "".join(_letters(unicodedata.normalize("NFKD", folded)))
    return tuple(letters.casefold().translate(_STROKES).split())


def _letters(text: str) -> Iterator[str]:
    for character in text:
        category = unicodedata.category(character)
        if (
            any(first <= ord(character) <= last for first, last in _MARKS)
            or category == "Cf"
            or character in _APOSTROPHES
        ):
            continue
        yield character if category[0] in "LMN" else " "


def _same(one: _Parts, other: _Parts) -> bool:
    """The same parts in any order, or the same given and family names however they are divided, also the other way round."""
    if Counter((*one[0], *one[1])) == Counter((*other[0], *other[1])):
        return True
    given, family = ("".join(each) for each in one)
    return ("".join(other[0]), "".join(other[1])) in {(given, family), (family, given)}


def _doubt(own: _Parts, other: _Parts) -> str | None:
    """Why names that are not the same may still be one person's."""
    if not _scripts(own) & _scripts(other):
        return "the two names are written in different scripts: transliteration is not guessed"
    mine, theirs = Counter((*own[0], *own[1])), Counter((*other[0], *other[1]))
    if mine <= theirs or theirs <= mine:
        return "one of the two names has parts that the other leaves out"
    if _initials(mine - theirs, theirs - mine):
        return "one of the two names has initials where the other has names"
    return None


def _scripts(parts: _Parts) -> frozenset[str]:
    """The first word of each letter's Unicode name: LATIN, ARABIC and so on."""
    letters = {letter for words in parts for word in words for letter in word if letter.isalpha()}
    return frozenset(unicodedata.name(letter, "?").partition(" ")[0] for letter in letters)


def _initials(mine: Counter[str], theirs: Counter[str]) -> bool:
    """Whether what differs is initials on one side of names on the other."""
    for short, long in ((mine, theirs), (theirs, mine)):
        found = sorted(short.elements())
        names = sorted(long.elements())
        if len(found) == len(names) and all(
            one == other or (len(one) == 1 and other.startswith(one))
            for one, other in zip(found, names, strict=True)
        ):
            return True
    return False
