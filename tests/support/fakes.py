"""Hand-written fakes of the shared ports, held to the same contract tests as the real adapters."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.adapters.clock import utc_now
from shared.adapters.sql_idempotency import KEPT, LONGEST_REQUEST
from shared.ports.api_keys import ApiKey
from shared.ports.clock import Clock
from shared.ports.didcomm import Recipient
from shared.ports.idempotency import Answered, Begun, InProgress, OtherRequest


@dataclass
class _Kept:
    request: str
    begun_at: datetime
    sealed: bytes | None = None


@dataclass
class MemoryAnswers:
    """IdempotentAnswers in memory."""

    clock: Clock = utc_now
    kept: dict[str, _Kept] = field(default_factory=dict)

    async def begin(self, key: str, request: str) -> Begun | InProgress | OtherRequest | Answered:
        now = self.clock()
        found = self.kept.get(key)
        if found is None or now - found.begun_at > KEPT:
            self.kept[key] = _Kept(request, now)
            return Begun()
        if found.request != request:
            return OtherRequest()
        if found.sealed is not None:
            return Answered(found.sealed)
        if now - found.begun_at < LONGEST_REQUEST:
            return InProgress()
        found.begun_at = now
        return Begun()

    async def finish(self, key: str, sealed: bytes) -> None:
        self.kept[key].sealed = sealed

    async def forget(self, key: str) -> None:
        self.kept.pop(key, None)


@dataclass
class MemoryApiKeys:
    """FindApiKey in memory: key → scopes; those in `organisations` belong to one, the others to `organisation`."""

    scopes: dict[str, set[str]]
    organisation: str | None = None
    organisations: dict[str, str | None] = field(default_factory=dict)

    async def find(self, presented: str) -> ApiKey | None:
        scopes = self.scopes.get(presented)
        if scopes is None:
            return None
        organisation = self.organisations.get(presented, self.organisation)
        return ApiKey("id", "name", frozenset(scopes), organisation=organisation)


@dataclass
class MemoryRecipients:
    """FindRecipient in memory: key → owner; `error` is raised instead, if set."""

    owners: dict[str, Recipient] = field(default_factory=dict)
    error: Exception | None = None

    async def __call__(self, verkey: str) -> Recipient | None:
        if self.error is not None:
            raise self.error
        return self.owners.get(verkey)


@dataclass
class MemoryMailbox:
    """KeepEnvelope in memory; `error` is raised instead, if set."""

    kept: list[tuple[Recipient, bytes]] = field(default_factory=list)
    error: Exception | None = None

    async def __call__(self, recipient: Recipient, envelope: bytes) -> None:
        if self.error is not None:
            raise self.error
        if (recipient, envelope) not in self.kept:
            self.kept.append((recipient, envelope))
