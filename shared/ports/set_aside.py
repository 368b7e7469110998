"""What looking after envelopes that could not be handled or delivered needs; their contents are never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class SetAside:
    """An envelope given up: one that came `in` for a wallet (or `base`), or one that was to go `out`."""

    sequence: int
    direction: Literal["in", "out"]
    party: str
    """Whose it is: a wallet's id or `base` of one that came in, the origin one was to go to."""
    reason: str
    at: datetime
    size: int


class EnvelopesSetAside(Protocol):
    """Envelopes given up, kept for 30 days."""

    async def count(self) -> int:
        """How many there are. Raises Unavailable, as do the others."""

    async def after(self, sequence: int, *, limit: int) -> Sequence[SetAside]:
        """Those behind this one, oldest first."""

    async def replay(self, sequence: int) -> bool:
        """Put the envelope back where it came from, as if it had just come; False if there is none."""
