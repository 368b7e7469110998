"""What was found out about one answer, gathered before the judgement and judged without looking anything up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.vc.achievement import Edition
from verifier.domain.presentation import Identifier, Presentation
from verifier.domain.session import Bound


@dataclass(frozen=True)
class Untrue:
    """It was looked at and does not hold."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """It could not be looked at now; `passing` says that it may be in a moment, because a host did not answer."""

    reason: str
    passing: bool = False


@dataclass(frozen=True)
class LastSeen:
    """When an issuer's host was last asked for this with success; `away` says why it does not answer now, if it does not."""

    at: datetime
    away: str = ""

    def age(self, now: datetime) -> timedelta:
        """How old this knowledge is."""
        return now - self.at


@dataclass(frozen=True)
class Definition:
    """A verified credential definition; `revocable` when credentials under it can be revoked."""

    issuer_did: str
    schema_id: str
    revocable: bool
    did_version: str = ""
    """The version of the issuer's DID log it was verified under."""
    seen: LastSeen | None = None
    """Of this log."""


@dataclass(frozen=True)
class Schema:
    """A verified schema."""

    issuer_did: str
    name: str
    version: str
    attributes: frozenset[str]
    seen: LastSeen | None = None
    """Of its issuer's DID log."""


@dataclass(frozen=True)
class Registry:
    """A verified revocation registry definition and when each of its status lists was published (seconds), ascending."""

    issuer_did: str
    cred_def_id: str
    published: tuple[int, ...]
    seen: LastSeen | None = None
    """Of the registry definition, which names the status lists."""
    last: int | None = None
    """The list that its issuer, who closed, says is the last it will ever publish (seconds); None while it goes on."""

    @property
    def away(self) -> bool:
        """Whether there may be newer status lists than it names, because its host does not answer."""
        return self.seen is not None and bool(self.seen.away)


@dataclass(frozen=True)
class StatusList:
    """The verified status list that the presentation was made against."""

    issuer_did: str
    registry_id: str
    timestamp: int
    digest: str = ""


@dataclass(frozen=True)
class ShownEdition:
    """A verified edition; `issuer_did` is the DID its id and signature belong to."""

    issuer_did: str
    edition: Edition
    seen: LastSeen | None = None
    """Of its issuer's DID log."""


@dataclass(frozen=True)
class CredentialFacts:
    """One credential of the presentation. `registry` and `status_list` are None where the presentation names none."""

    identifier: Identifier
    definition: Definition | Untrue | Unknown
    schema: Schema | Untrue | Unknown
    registry: Registry | Untrue | Unknown | None
    status_list: StatusList | Untrue | Unknown | None


@dataclass(frozen=True)
class Holds:
    """The library finds the proof right, every restriction stripped from the request."""


@dataclass(frozen=True)
class DoesNotHold:
    """The library finds the proof wrong; it seldom says why."""

    said: str


@dataclass(frozen=True)
class NotRun:
    """The proof could not be computed; `passing` says that it may be in a moment, because the fault is ours."""

    reason: str
    passing: bool = False


@dataclass(frozen=True)
class Arrival:
    """How the answer came: in which exchange, over which connection, when; `request_digest` of the request it answers."""

    exchange_id: str
    connection_id: str
    thread_id: str
    request_digest: str
    received_at: datetime
    seen_in: str | None = None
    """Id of the other request this very presentation was sent to before."""


@dataclass(frozen=True)
class Facts:
    """Everything the seven steps look at, beside trust lists and the time."""

    arrival: Arrival
    presentation: Presentation | Untrue
    credentials: tuple[CredentialFacts, ...]
    editions: Mapping[str, ShownEdition | Untrue | Unknown]
    proof: Holds | DoesNotHold | NotRun
    bound: Bound = "unbound"
    """Whether whoever answered came back to the session of the job platform that the request was opened for."""

    def away(self) -> str | None:
        """Why something could not be looked at anew, or computed, that may be in a moment; None if waiting changes nothing."""
        looked = [
            part
            for each in self.credentials
            for part in (each.definition, each.schema, each.registry, each.status_list)
        ]
        found = [*looked, *self.editions.values()]
        unknown = [each for each in [*found, self.proof] if isinstance(each, (Unknown, NotRun))]
        waits = [each.reason for each in unknown if each.passing]
        return next(iter([*waits, *(each.away for each in self.last_seen() if each.away)]), None)

    def last_seen(self) -> tuple[LastSeen, ...]:
        """When each published object was last seen to stand, or the log of its issuer."""
        parts = [part for each in self.credentials for part in (each.definition, each.schema, each.registry)]
        return tuple(
            part.seen
            for part in (*parts, *self.editions.values())
            if isinstance(part, (Definition, Schema, Registry, ShownEdition)) and part.seen is not None
        )
