"""Issuing an award again to a learner who lost it: why, and how an officer made sure that it is her."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MOST_REISSUES: Final = 3
"""How often one award is issued again before an administrator must say so, counted over all that replaced it."""


class Loss(StrEnum):
    """What was lost."""

    WALLET = "lost_wallet"
    PHONE = "lost_phone"
    OTHER = "other"


class CheckMethod(StrEnum):
    """How the officer knows who stands before her."""

    DOCUMENT = "document"
    KNOWN_PERSON = "known_person"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """`by` is who checked, as the audit log names him: `key:ID` or `member:ID`. `note` is never logged."""

    method: CheckMethod
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reissue:
    """Why an award was issued again; `text` is the officer's and is read by whoever holds the old credential."""

    loss: Loss
    text: str
    check: IdentityCheck

    @property
    def told(self) -> str:
        """What the holder of the old credential reads."""
        return f"{_TOLD[self.loss]} {self.text}".strip()


_TOLD: Final = {
    Loss.WALLET: "Issued again to its learner, whose wallet was lost.",
    Loss.PHONE: "Issued again to its learner, whose telephone was lost.",
    Loss.OTHER: "Issued again to its learner.",
}
