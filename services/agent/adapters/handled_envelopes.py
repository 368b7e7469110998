"""Remembers which envelopes were handled, longer than JetStream's duplicate window."""

from datetime import timedelta

from acapy_agent.core.profile import Profile
from aries_askar import AskarError, AskarErrorCode

_CATEGORY = "ujuzi-handled-envelope"
KEPT = timedelta(days=4)
"""Senders give up after three days, so later copies of an envelope do not come."""


async def was_handled(root: Profile, message_id: str) -> bool:
    """Whether this envelope was handled in the last days."""
    async with root.session() as session:
        return await session.handle.fetch(_CATEGORY, message_id) is not None


async def remember_handled(root: Profile, message_id: str) -> None:
    """Keep the id of a handled envelope; the store forgets it by itself."""
    async with root.session() as session:
        try:
            await session.handle.insert(
                _CATEGORY, message_id, b"", expiry_ms=int(KEPT.total_seconds() * 1000)
            )
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
