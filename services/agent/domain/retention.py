"""How long an agent keeps what it keeps, and why.

Credentials, keys that are in use, notes and history are never touched. In a learner's store nothing is touched while it is
locked: nobody can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

HANDLED_DAYS: Final = 4
"""Ids of handled envelopes, and verdicts that were told: senders give up after three days, so later copies do not come."""
FINISHED_KEPT: Final = timedelta(days=30)
"""Exchanges that ended, at issuer and verifier: their services took what they need when the exchange ended, and ask about
unfinished ones at each start; a month bears a service that was away for long."""
LEARNERS_FINISHED_KEPT: Final = timedelta(days=180)
"""The same in a learner's store: her lists show them for half a year, her history for ever."""
UNFINISHED_KEPT: Final = timedelta(days=190)
"""Exchanges in which nothing moves any more: envelopes wait 180 days for a locked wallet, then nothing can come."""
UNUSED_KEPT: Final = timedelta(days=40)
"""Connections that no exchange, no living credential and no learner's answer needs, and invitations nobody took up: a request
may wait 30 days, a claim page invites anew."""
TAILS_KEPT: Final = timedelta(days=90)
"""Copies of other parties' tails files, since they were fetched: they are fetched anew when they are needed."""
PARTS_KEPT: Final = timedelta(days=1)
"""Halves of files whose download a crash cut off."""

ENDED: Final = frozenset({"done", "credential-revoked", "abandoned", "deleted"})


@dataclass(frozen=True)
class Kept:
    """How long this store keeps exchanges that ended."""

    finished: timedelta


SERVICES = Kept(FINISHED_KEPT)
LEARNERS = Kept(LEARNERS_FINISHED_KEPT)


def exchange_is_past(record: Mapping[str, Any], kept: Kept, *, now: datetime) -> bool:
    """Whether an exchange may go; one whose time cannot be read stays."""
    moved = moved_at(record)
    if moved is None:
        return False
    return now - moved > (kept.finished if record.get("state") in ENDED else UNFINISHED_KEPT)


def is_unused(record: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether nothing happened to a record for as long as it may lie unused."""
    moved = moved_at(record)
    return moved is not None and now - moved > UNUSED_KEPT


def is_wanted(mark: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether a connection is to be kept by its service's word, `{"until": RFC 3339}`; a word that cannot be read keeps nothing."""
    try:
        until = datetime.fromisoformat(str(mark.get("until")))
    except ValueError:
        return False
    return until.tzinfo is not None and now < until


def moved_at(record: Mapping[str, Any]) -> datetime | None:
    """When ACA-Py changed a record last; None if it does not say so in a time zone."""
    text = record.get("updated_at") or record.get("created_at")
    try:
        moved = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moved if moved.tzinfo is not None else None
