"""What looking after messages that could not be handled or delivered needs; their contents are never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message given up: an envelope that came `in` for a wallet (or `base`) or was to go `out`, or `own` work."""

    sequence: int
    direction: Literal["in", "out", "own"]
    party: str
    """Whose it is: a wallet's id or `base` of one that came in, the origin one was to go to, the subject of own work."""
    reason: str
    at: datetime
    size: int


class MessagesSetAside(Protocol):
    """Messages given up, kept for 30 days."""

    async def count(self) -> int:
        """How many there are. Raises Unavailable, as do the others."""

    async def after(self, sequence: int, *, limit: int) -> Sequence[SetAside]:
        """Those behind this one, oldest first."""

    async def replay(self, sequence: int) -> bool:
        """Put the message back where it came from, as if it had just come; False if there is none."""
