"""An organisation's own words for messages to graduates.

They stand in place of ours up to the link, or the code. What a graduate needs to know in any case is said after them in
our words: the link's last day, how the code comes, that nobody asks her for it, and what to do if the message is not for her.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from issuer.domain.message import Kind
from issuer.domain.profile import has_unseen
from issuer.errors import Fault

LONGEST_SUBJECT: Final = 150
LONGEST_TEXT: Final = 2000
LONGEST_SHORT: Final = 300
_COMMON: Final = ("name", "organisation", "programme")
_PLACES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CLAIM_LINK: (*_COMMON, "day", "link"),
    Kind.REMINDER: (*_COMMON, "day", "link"),
    Kind.CODE: (*_COMMON, "code"),
}
_PLACE: Final = re.compile(r"\{(\w+)\}")
_LINK: Final = re.compile(
    r"\w[\w+.-]*://\S*|\bwww\.\S+|(?<![@\w.-])(?:[\w-]+\.)+[^\W\d_]{2,24}\b(?![\w.-]*@)", re.IGNORECASE
)
"""What mail programs and telephones make a link of; an e-mail address is none."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Of one kind of message in one language: an e-mail's subject and text, and the short text for a telephone.

    What is empty is said in our words.
    """

    subject: str = ""
    text: str = ""
    short: str = ""


def kinds() -> Sequence[Kind]:
    """The kinds an organisation may word."""
    return tuple(_PLACES)


def places_of(kind: Kind) -> Sequence[str]:
    """The placeholders that a message of this kind may have."""
    return _PLACES[kind]


def must_have(kind: Kind) -> str:
    """The placeholder without which a message of this kind is of no use."""
    return "code" if kind is Kind.CODE else "link"


def fill(text: str, told: Mapping[str, str]) -> str:
    """The text with its placeholders filled, once: braces in what is filled in mean nothing."""
    return _PLACE.sub(lambda found: told[found[1]], text)


def faults_in(kind: Kind, wording: Wording) -> tuple[Fault, ...]:
    """What keeps these words from being sent."""
    return (
        *_faults("subject", wording.subject, kind, LONGEST_SUBJECT, whole=False),
        *_faults("text", wording.text, kind, LONGEST_TEXT, whole=True),
        *_faults("short", wording.short, kind, LONGEST_SHORT, whole=True),
    )


def _faults(where: str, text: str, kind: Kind, longest: int, *, whole: bool) -> Iterator[Fault]:
    if not text:
        return
    if len(text) > longest:
        yield Fault(where, f"Expected at most {longest} characters, found {len(text)}: shorten it.")
    if has_unseen(text.replace("\n", "") if where == "text" else text):
        yield Fault(where, "Found characters that cannot be seen, or a line break: type it anew.")
    must, found = must_have(kind), _PLACE.findall(text)
    allowed = places_of(kind) if whole else _COMMON
    for place in dict.fromkeys(found):
        if place in {"code", "link"} - set(allowed):
            yield Fault(where, _apart(place, kind, whole=whole))
        elif place not in allowed:
            known = ", ".join(f"{{{each}}}" for each in allowed)
            yield Fault(where, f"{{{place}}} is not known here: use {known}, or take it out.")
    rest = _PLACE.sub(" ", text)
    if "{" in rest or "}" in rest:
        yield Fault(where, "A brace belongs to no placeholder: write {name} and the like, without spaces.")
    if whole and found.count(must) != 1:
        yield Fault(where, f"Expected {{{must}}} once, found it {found.count(must)} times: {_why(must)}")
    if link := _LINK.search(rest):
        yield Fault(
            where,
            f"“{link[0][:60]}” reads as a link: no other link may stand in a message, so that learners can trust the "
            "one there is. Take it out; where a sentence ends, put a space after the full stop.",
        )


def _apart(place: str, kind: Kind, *, whole: bool) -> str:
    if not whole:
        return f"{{{place}}} has no place in a subject, which everybody sees: put it into the text."
    return (
        f"{{{place}}} has no place in a message of kind {kind}: link and one-time code never go together, since whoever "
        "reads both could take the award. Take it out."
    )


def _why(must: str) -> str:
    what = "she has nothing to open" if must == "link" else "the code is what the message is for"
    return f"without it {what}, and twice would confuse."
