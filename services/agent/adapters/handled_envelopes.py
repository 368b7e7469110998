"""Remembers which envelopes were handled, longer than JetStream's duplicate window."""

from acapy_agent.core.profile import Profile
from aries_askar import AskarError, AskarErrorCode

from services.agent.adapters import kept_days

CATEGORY = "ujuzi-handled-envelope"


async def was_handled(root: Profile, message_id: str) -> bool:
    """Whether this envelope was handled in the last days."""
    async with root.session() as session:
        return await session.handle.fetch(CATEGORY, message_id) is not None


async def remember_handled(root: Profile, message_id: str) -> None:
    """Keep the id of a handled envelope for some days."""
    async with root.session() as session:
        try:
            await session.handle.insert(CATEGORY, message_id, b"", kept_days.of_today())
        except AskarError as error:
            if error.code != AskarErrorCode.DUPLICATE:
                raise
