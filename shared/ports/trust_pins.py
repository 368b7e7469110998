"""What keeping verified trust lists needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPin:
    """A list somebody decided to trust: by its address, its own name and its operator's key (multikey)."""

    url: str
    name: str
    operator_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenList:
    """The newest issue that was verified under a pin; `compact` is the JWS as it arrived.

    `operator_did` is the authority's DID, learnt from the first list under the pinned key, and `did_version` the version
    of its log that was relied on last. `followed_key` is the key that took over from the pinned one, None while that signs.
    """

    sequence: int
    digest: str
    compact: str
    operator_did: str | None = None
    did_version: str | None = None
    followed_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinState:
    """A pin and the newest list seen under it, if there was one."""

    pin: TrustPin
    seen: SeenList | None = None

    @property
    def trusted_key(self) -> str:
        """The key that signed the newest list seen; the pinned one before there was any."""
        return (self.seen and self.seen.followed_key) or self.pin.operator_key


class TrustPins(Protocol):
    """Remembers pins and the highest number seen, so that a restart forgets no rollback."""

    async def all(self) -> Sequence[PinState]:
        """Every pin, oldest first."""

    async def find(self, url: str) -> PinState | None:
        """The pin of this address."""

    async def pin(self, pin: TrustPin) -> None:
        """Keep a pin; pinning another name or key anew forgets what was seen under the old one.

        A key that was followed already is no other key.
        """

    async def unpin(self, url: str) -> None:
        """Forget a pin and what was seen under it; an unknown one is no error."""

    async def advance(self, url: str, seen: SeenList) -> None:
        """Remember a newer list; a lower number than the one kept changes nothing."""
