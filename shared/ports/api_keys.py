"""What authentication needs, and looking after the keys of programs.

ApiKeyError
├── ApiKeyUnknown        no key has that id
├── ApiKeyInvalid        a name, role, scope or end that no key can have
└── ApiKeyTooStrong      somebody makes or revokes a key that may do more, or for longer, than he may
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.contracts.errors import UjuziError

ADMIN = "admin"
"""The scope that includes every other; within an organisation, every one but OPERATE."""
OPERATE = "organisations:write"
"""What concerns a service with several organisations as a whole; who has it belongs to none, or is told so by name."""


class ApiKeyError(UjuziError):
    """Base class of what is refused about keys."""


class ApiKeyUnknown(ApiKeyError):
    """No key has that id."""


class ApiKeyInvalid(ApiKeyError):
    """A name, role, scope or end that no key can have."""


class ApiKeyTooStrong(ApiKeyError):
    """Somebody makes or revokes a key that may do more, or for longer, than he may."""


class Caller(Protocol):
    """Whoever asks: an API key, or a member who is signed in."""

    @property
    def who(self) -> str:
        """The actor of a change, in audit log and histories: `key:ID` or `member:ID`."""

    @property
    def name(self) -> str:
        """For people; ids are what decides."""

    @property
    def organisation(self) -> str | None:
        """The organisation on whose behalf the caller acts; None where the service has no several, or for its operator."""

    def may(self, scope: str) -> bool:
        """Whether the caller may do what the scope names."""


def includes(scopes: frozenset[str], scope: str, organisation: str | None) -> bool:
    """Whether somebody of this organisation with these scopes may do what the scope names."""
    return scope in scopes or (ADMIN in scopes and (organisation is None or scope != OPERATE))


@dataclass(frozen=True)
class ApiKey:
    """A key that was presented and is valid; never the key itself."""

    id: str
    name: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    organisation: str | None = None

    @property
    def who(self) -> str:
        """The actor's name in audit log and histories."""
        return f"key:{self.id}"

    def may(self, scope: str) -> bool:
        """Whether this key includes the scope."""
        return includes(self.scopes, scope, self.organisation)


class FindApiKey(Protocol):
    """Looks up a presented key."""

    async def __call__(self, presented: str) -> ApiKey | None:
        """The valid key this is; None if it is unknown, revoked or past its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """What is known of a key; never the key. `last_used_on` is a day in UTC."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    last_used_on: date | None
    revoked_at: datetime | None


class KeepApiKeys(Protocol):
    """Makes and revokes keys, of which only digests are kept; each call knows one organisation's keys, or those of none."""

    async def make(
        self,
        *,
        name: str,
        scopes: frozenset[str],
        expires_at: datetime | None,
        made_by: str,
        organisation: str | None = None,
    ) -> tuple[KeptKey, str]:
        """Make a key; it is returned only here."""

    async def page(
        self, *, after: str | None, limit: int, organisation: str | None = None
    ) -> Sequence[KeptKey]:
        """Keys by id, those behind `after`, also those that are revoked."""

    async def one(self, key_id: str, organisation: str | None = None) -> KeptKey:
        """One key. Raises ApiKeyUnknown."""

    async def revoke(self, key_id: str, organisation: str | None = None) -> bool:
        """Make the key invalid at once; False if there is no such key."""
