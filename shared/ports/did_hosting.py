"""What serving a DID's public files needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class ServedResource:
    """A signed resource; `mutable` when its links may still grow (a revocation registry definition)."""

    resource: dict[str, Any]
    mutable: bool


class HostedDids(Protocol):
    """The public files of the DIDs this service holds; `path` is e.g. ("orgs", "amal-ngo")."""

    async def log(self, path: tuple[str, ...]) -> str | None:
        """The DID's log as JSON lines."""

    async def resource(self, path: tuple[str, ...], digest: str) -> ServedResource | None:
        """The resource with this digest."""

    async def resource_ids(self, path: tuple[str, ...], resource_type: str) -> Sequence[str]:
        """Ids of the DID's resources of one type, oldest first."""

    async def tails(self, digest: str) -> bytes | None:
        """The tails file with this base58 SHA-256."""


class SignWithDid(Protocol):
    """Signs with the keys of the DIDs this service holds."""

    async def ensure_did(self, path: tuple[str, ...]) -> str:
        """The DID at this path, made if there is none."""

    async def sign_jws(self, did: str, payload: Mapping[str, Any], *, typ: str) -> str:
        """The payload as compact JWS; `kid` is the key's id in the DID document."""
