"""Small rows that are kept for some days: marked with their day, and deleted by it.

Askar's own expiry hides a row and never deletes it.
"""

from datetime import datetime, timedelta

from acapy_agent.core.profile import Profile

from shared.adapters.clock import utc_now

_DAY = "~day"
"""A tag in plain text, so that days can be compared."""


def of_today() -> dict[str, str]:
    """The tags of a row made now."""
    return {_DAY: utc_now().date().isoformat()}


async def forget(root: Profile, category: str, days: int, *, now: datetime) -> int:
    """Delete the rows of days longer ago; returns how many."""
    before = (now - timedelta(days=days)).date().isoformat()
    async with root.session() as session:
        return int(await session.handle.remove_all(category, {_DAY: {"$lt": before}}))
