"""What the DIDComm edge needs."""

from dataclasses import dataclass
from typing import Protocol

from shared.contracts.streams import MAIN_SHARD


@dataclass(frozen=True)
class Recipient:
    """Whose key an envelope is for: a learner's wallet, or the agent's own (`wallet_id` None). A wallet that is full takes in nothing new.

    `shard` is where its stores are.
    """

    wallet_id: str | None
    full: bool = False
    shard: str = MAIN_SHARD


class FindRecipient(Protocol):
    """Tells whose key this is."""

    async def __call__(self, verkey: str) -> Recipient | None:
        """The owner of this raw base58 key; None if nobody here owns it. Raises Unavailable."""


class KeepEnvelope(Protocol):
    """Stores an envelope durably until the agent has handled it."""

    async def __call__(self, recipient: Recipient, envelope: bytes) -> None:
        """Return once it is stored. Raises MailboxFull or Unavailable."""
