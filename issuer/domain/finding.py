"""Finding awards among many: what may be asked for, and how names are compared."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from issuer.domain.graduate import Graduate
from issuer.domain.history import AwardStage

_WORD: Final = re.compile(r"\w+")
_NOT_A_DIGIT: Final = re.compile(r"\D")
COMPARED_DIGITS: Final = 9
"""Of a telephone number, from its end: what comes before differs by whether one writes the country's code."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Each that is given narrows what is found; `since` and `until` are days of award, both inclusive."""

    name: str = ""
    email: str = ""
    phone: str = ""
    stage: AwardStage | None = None
    batch_id: UUID | None = None
    template_id: UUID | None = None
    since: date | None = None
    until: date | None = None


def folded(name: str) -> str:
    """The words of a name without case, accents, vowel signs and what stands between them."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(_WORD.findall("".join(each for each in bare if not unicodedata.combining(each))))


def name_keys(graduate: Graduate) -> tuple[str, str]:
    """A graduate's name as it is compared: from the given name on, and from the family name on."""
    given, family = folded(graduate.given_name), folded(graduate.family_name)
    return f"{given} {family}".strip(), f"{family} {given}".strip()


def digits_of(phone: str) -> str:
    """The end of a telephone number, by which it is compared."""
    return _NOT_A_DIGIT.sub("", phone)[-COMPARED_DIGITS:]
