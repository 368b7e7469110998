"""A message to a graduate: its states and the only moves between them.

queued → sent → bounced | failed. What cannot be delivered for now stays queued and is tried again, later each time; a
message that was sent and comes back for now is queued again. Where it goes stands on the award and is not copied here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class Kind(StrEnum):
    """What a message is for."""

    CLAIM_LINK = "claim_link"
    CODE = "code"
    REMINDER = "reminder"
    REVOKED = "revoked"
    CORRECTED = "corrected"
    REISSUED = "reissued"


LINKS: Final = frozenset({Kind.CLAIM_LINK, Kind.CORRECTED, Kind.REISSUED})
"""Each brings an award's link for the first time, or once more."""
WORDED: Final = (Kind.CLAIM_LINK, Kind.CODE, Kind.REMINDER)
"""What an organisation may say in words of its own; the others must say what happened."""


class Channel(StrEnum):
    """How it reaches her; a sheet is printed and handed over."""

    EMAIL = "email"
    SMS = "sms"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Queued:
    """To be sent from `next_at` on; `reason` says what became of the last try."""

    next_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail server or gateway took it, or the sheet was printed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Bounced:
    """Her address does not take messages."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Not delivered, for a reason that says nothing of her address."""

    at: datetime
    reason: str


State = Queued | Sent | Bounced | Failed

NAMES: Final[dict[type[State], str]] = {
    Queued: "queued",
    Sent: "sent",
    Bounced: "bounced",
    Failed: "failed",
}

PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))
"""After the first try, the second …: a message is tried for some three days, as mail servers do."""
AWAY_PAUSE: Final = timedelta(seconds=30)
"""Until the next try when server or gateway is away; that counts as no try of the message."""
KEPT_TRYING: Final = timedelta(days=7)
"""So long after it was queued a message waits for a server that is away; then it is worth nothing to her."""


@dataclass(frozen=True, slots=True)
class Message:
    """`number` counts the messages of a kind to one award from 0. `segments` is how many SMS it takes."""

    id: UUID
    organisation: str
    batch_id: UUID
    award_id: UUID
    kind: Kind
    number: int
    channel: Channel
    language: str
    state: State
    attempts: int
    segments: int | None
    queued_at: datetime

    @property
    def state_name(self) -> str:
        """The state as the API and the screens call it."""
        return NAMES[type(self.state)]

    @property
    def reason(self) -> str:
        """Why it is not delivered, or not yet; empty if it is."""
        return "" if isinstance(self.state, Sent) else self.state.reason


def sent(message: Message, *, segments: int | None, now: datetime) -> Message:
    """It was taken."""
    return replace(message, state=Sent(now), attempts=message.attempts + 1, segments=segments)


def try_later(message: Message, reason: str, *, now: datetime) -> Message:
    """It was not taken, or came back, for now: queued again after a pause, or failed after the last one."""
    attempts = message.attempts + (0 if isinstance(message.state, Sent) else 1)
    if attempts > len(PAUSES):
        return replace(message, state=Failed(now, reason), attempts=attempts)
    pause = PAUSES[max(attempts, 1) - 1]
    return replace(message, state=Queued(now + pause, reason), attempts=attempts)


def wait_for_channel(message: Message, reason: str, *, now: datetime) -> Message:
    """Nobody was there to take it."""
    if now - message.queued_at > KEPT_TRYING:
        return replace(message, state=Failed(now, reason))
    return replace(message, state=Queued(now + AWAY_PAUSE, reason))


def bounce(message: Message, reason: str, *, now: datetime) -> Message:
    """Her address refused it, at once or later; what bounced stays bounced."""
    if isinstance(message.state, Bounced):
        return message
    return replace(message, state=Bounced(now, reason))


def fail(message: Message, reason: str, *, now: datetime) -> Message:
    """It will not be delivered."""
    return replace(message, state=Failed(now, reason))
