"""What authentication needs."""

from dataclasses import dataclass
from typing import Protocol

ADMIN = "admin"
"""The scope that includes every other."""


@dataclass(frozen=True)
class ApiKey:
    """A key that was presented and is valid; never the key itself."""

    id: str
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether this key includes the scope."""
        return scope in self.scopes or ADMIN in self.scopes


class FindApiKey(Protocol):
    """Looks up a presented key."""

    async def __call__(self, presented: str) -> ApiKey | None:
        """The valid key this is; None if it is unknown or revoked."""
