"""Let a person in to the console of a running service."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Invited:
    """A one-time link, and until when it works, in RFC 3339."""

    url: str
    expires_at: str


class InviteMember(Protocol):
    """A service's members, asked with its administrator's key."""

    async def __call__(self, *, name: str, email: str, roles: list[str]) -> Invited:
        """Make the link. Raises ServiceRefused: no such role, or a member has that address."""
