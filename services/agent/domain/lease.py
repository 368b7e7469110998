"""Leave to work with a folder of stores, given to one agent process at a time.

Claims are numbered, and a later claim has a higher number wherever NATS and the folder have been: both keep the number,
and the higher of the two counts. No clock decides anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

type Standing = Literal["held", "lapsed", "lost"]

RENEWED_AFTER = timedelta(hours=24)
"""The stream that keeps the claim forgets it after three days."""


@dataclass(frozen=True)
class Claim:
    """What one process says of itself; `id` tells two claims of one number apart."""

    number: int
    id: str
    holder: str
    """Which process on which host, for people."""


def next_number(kept: int, seen: Claim | None) -> int:
    """The number of a new claim: above the one the folder keeps and the one NATS keeps."""
    return max(kept, seen.number if seen is not None else 0) + 1


def standing(mine: Claim, seen: Claim | None) -> Standing:
    """What the claim that NATS keeps means for ours.

    None or a lower number: NATS forgot ours (its disk was replaced, or an older holder spoke up there first), and
    it may be made again. The same number under another id was there first.
    """
    if seen is None or seen.number < mine.number:
        return "lapsed"
    return "held" if seen == mine else "lost"


def to_renew(made: datetime, *, now: datetime) -> bool:
    """Whether a claim kept since `made` should be made again before it is forgotten."""
    return now - made >= RENEWED_AFTER
