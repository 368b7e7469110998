"""What a credential's place in its status list may become: a suspension can be taken back, a revocation never."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.agent.errors import StatusFinal

ISSUED: Final = "issued"
SUSPENDED: Final = "suspended"
REVOKED: Final = "revoked"
"""States of ACA-Py's own record of an issued credential; `suspended` is ours."""

LONGEST: Final = 2000
"""Characters of each part of a notice."""


class Wanted(StrEnum):
    """What a credential is to be. Suspended and revoked look the same in the list that anyone can fetch."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


_RECORDED: Final = {Wanted.VALID: ISSUED, Wanted.SUSPENDED: SUSPENDED, Wanted.REVOKED: REVOKED}


def recorded_as(wanted: Wanted, *, record: str, listed: bool) -> str:
    """Return the state the agent's record gets. `record` is the one it has, `listed` whether the list excludes it now.

    A credential that is listed though its record says issued was being revoked by ACA-Py when the agent stopped.
    Raises StatusFinal.
    """
    if wanted is not Wanted.REVOKED and (record == REVOKED or (listed and record != SUSPENDED)):
        raise StatusFinal(
            "This credential is revoked, and that is final: it can be neither suspended nor reinstated"
        )
    return _RECORDED[wanted]


def is_listed(wanted: Wanted) -> bool:
    """Whether the list excludes it then."""
    return wanted is not Wanted.VALID


@dataclass(frozen=True)
class Outcome:
    """Which numbers of a status list changed, and which were refused and why; the others were so already."""

    changed: Sequence[int]
    refused: Mapping[int, str]


@dataclass(frozen=True)
class StatusNotice:
    """What the holder is told. `words` say it in `language`; `id` makes the same notice the same message."""

    id: str
    rev_reg_id: str
    cred_rev_id: int
    state: Wanted
    reason: str
    words: str
    language: str
    at: datetime

    @property
    def credential_id(self) -> str:
        """Registry and number, as RFC 0183 writes them."""
        return f"{self.rev_reg_id}::{self.cred_rev_id}"


def read_notice(told: Mapping[str, object]) -> dict[str, str] | None:
    """Return a received notice's fields, checked; None if it is none that could be meant for us."""
    found = {name: told.get(name) for name in ("credential_id", "state", "reason", "at")}
    texts = {name: value for name, value in found.items() if isinstance(value, str) and len(value) <= LONGEST}
    if len(texts) != len(found) or texts["state"] not in {Wanted.VALID, Wanted.SUSPENDED}:
        return None
    try:
        at = datetime.fromisoformat(texts["at"])
    except ValueError:
        return None
    return texts if at.tzinfo is not None else None
