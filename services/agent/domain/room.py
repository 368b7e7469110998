"""How much room learners' stores take and leave, and where it ends."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
STORE_LIMIT: Final = 24 * MIB
"""A store of this size takes in nothing new. What already waits for it still comes in, 8 MiB below what an import takes:
a wallet can be taken elsewhere whatever strangers send."""
FREE_LIMIT: Final = 512 * MIB
"""With less free disk no wallet is made: the rest is for those that are here."""


@dataclass(frozen=True)
class Room:
    """In bytes; `waiting` and `most_waiting` count envelopes. What is largest is told without saying whose."""

    stores: int
    largest_store: int
    free: int
    disk: int
    waiting: int
    waiting_bytes: int
    most_waiting: int
    store_limit: int
    free_limit: int
    waiting_limit: int
    waiting_bytes_limit: int
