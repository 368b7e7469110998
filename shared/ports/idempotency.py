"""What answering a repeated POST with its first answer needs."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Begun:
    """This request is the first with its key: carry it out, then `finish`."""


@dataclass(frozen=True)
class InProgress:
    """The same request is being carried out right now."""


@dataclass(frozen=True)
class OtherRequest:
    """The key was used before for a different request."""


@dataclass(frozen=True)
class Answered:
    """The same request was answered before; `sealed` is that answer as it was given to `finish`."""

    sealed: bytes


class IdempotentAnswers(Protocol):
    """Remembers requests by key; both arguments are digests, so that neither tells what was asked."""

    async def begin(self, key: str, request: str) -> Begun | InProgress | OtherRequest | Answered:
        """Claim the key for this request, or say what became of it."""

    async def finish(self, key: str, sealed: bytes) -> None:
        """Store the answer."""

    async def forget(self, key: str) -> None:
        """Release the key: the request had no effect and may be tried again."""
