"""When two rows, or a row and an earlier award, speak of the same person.

The same name (in whatever order, case and accents) with the same e-mail address or telephone; where one of the two has
neither, the same name with the same day of award. Keys are digests, so that comparing needs no name: they are deleted
with the row they belong to.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from issuer.domain.graduate import MONONYM_MARK

_END_OF_PHONE: Final = 9
"""Digits that are the same with a country code and without."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a person is compared by; None where the cells do not say it."""

    by_email: str | None
    by_phone: str | None
    by_day: str | None

    @property
    def is_reachable(self) -> bool:
        """Whether there is an address to compare."""
        return self.by_email is not None or self.by_phone is not None


NO_KEYS: Final = Keys(None, None, None)


def keys_of(cells: Mapping[str, str]) -> Keys:
    """Return the keys of a row; there is none without a name."""
    name = _name(cells)
    if not name:
        return NO_KEYS
    email = _folded(cells.get("email", ""))
    phone = re.sub(r"\D", "", cells.get("phone", ""))[-_END_OF_PHONE:]
    day = cells.get("awarded_on", "").strip()
    return Keys(
        by_email=_key(name, "email", email),
        by_phone=_key(name, "phone", phone),
        by_day=_key(name, "day", day),
    )


def is_same(one: Keys, other: Keys) -> bool:
    """Whether both are of the same person."""
    if one.by_email is not None and one.by_email == other.by_email:
        return True
    if one.by_phone is not None and one.by_phone == other.by_phone:
        return True
    both_reachable = one.is_reachable and other.is_reachable
    return not both_reachable and one.by_day is not None and one.by_day == other.by_day


def _name(cells: Mapping[str, str]) -> str:
    parts = [cells.get(column, "").strip() for column in ("given_name", "family_name")]
    words = " ".join(part for part in parts if part != MONONYM_MARK)
    return " ".join(sorted(_folded(words).split()))


def _folded(text: str) -> str:
    """Without case, accents and vowel marks."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if unicodedata.category(c) != "Mn").casefold().strip()


def _key(name: str, kind: str, value: str) -> str | None:
    if not value:
        return None
    return hashlib.sha256(f"{name}\x00{kind}\x00{value}".encode("utf-8", "replace")).hexdigest()[:32]
