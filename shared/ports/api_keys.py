"""What authentication needs."""

from dataclasses import dataclass
from typing import Protocol

ADMIN = "admin"
"""The scope that includes every other."""


class Caller(Protocol):
    """Whoever asks: an API key, or a member who is signed in."""

    @property
    def who(self) -> str:
        """The actor of a change, in audit log and histories: `key:ID` or `member:ID`."""

    @property
    def name(self) -> str:
        """For people; ids are what decides."""

    def may(self, scope: str) -> bool:
        """Whether the caller may do what the scope names."""


@dataclass(frozen=True)
class ApiKey:
    """A key that was presented and is valid; never the key itself."""

    id: str
    name: str
    scopes: frozenset[str]

    @property
    def who(self) -> str:
        """The actor's name in audit log and histories."""
        return f"key:{self.id}"

    def may(self, scope: str) -> bool:
        """Whether this key includes the scope."""
        return scope in self.scopes or ADMIN in self.scopes


class FindApiKey(Protocol):
    """Looks up a presented key."""

    async def __call__(self, presented: str) -> ApiKey | None:
        """The valid key this is; None if it is unknown or revoked."""
