"""Lists of trusted issuers and verifiers: what they hold.

One authorization is one `TrustedEntityService` of ETSI TS 119 602; its periods are append-only, so "was X trusted for Y on
that day?" keeps its answer. `trust_list_form` writes, signs and opens lists; `trust_decision` judges by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from shared.contracts.errors import UjuziError

type Action = Literal["issue", "verify", "accredit"]
type Status = Literal["granted", "suspended", "lapsed", "withdrawn", "compromised"]

ACTIONS: tuple[Action, ...] = get_args(Action.__value__)
STATUSES: tuple[Status, ...] = get_args(Status.__value__)

EVERYTHING = "*"
ISCED_PREFIX = "isced-f:"


class TrustListRefused(UjuziError):
    """A list that must not be used.

    TrustListRefused
    ├── ListMalformed      not a list, or a field is missing or wrong
    ├── ListSignatureWrong not signed by the pinned operator key
    ├── ListKeyNotFollowed signed by another key, for which the authority's DID does not speak
    ├── ListTypeWrong      a signed thing, but not a trust list
    ├── ListSchemeWrong    a trust list, but not the pinned one
    ├── ListFromTheFuture  issued later than now
    ├── ListRolledBack     a lower number than one already seen
    └── ListForked         the same number with other content, or a successor of a list never seen
    """


class ListMalformed(TrustListRefused):
    """Not a list, or a field is missing or wrong."""


class ListSignatureWrong(TrustListRefused):
    """Not signed by the pinned operator key."""


class ListKeyNotFollowed(TrustListRefused):
    """Signed by another key than the pinned one, for which the authority's DID does not speak."""


class ListTypeWrong(TrustListRefused):
    """A signed thing, but not a trust list."""


class ListSchemeWrong(TrustListRefused):
    """A trust list, but not the one that was pinned."""


class ListFromTheFuture(TrustListRefused):
    """Issued later than now."""


class ListRolledBack(TrustListRefused):
    """A lower number than one already seen."""


class ListForked(TrustListRefused):
    """The same number with other content, or a successor of a list that was never seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level in a named framework: `eqf` 5."""

    framework: str
    level: int

    def __str__(self) -> str:
        return f"{self.framework} {self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPeriod:
    """What an authorization was from `since` until the next period's `since`.

    `earlier_awards_stand` is the authority's word on awards made before a withdrawal; elsewhere it is None.
    """

    status: Status
    since: datetime
    reason: str = ""
    earlier_awards_stand: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """Who may do what: these DIDs, this action, on these resources, in these countries, up to this level, in these days.

    `resources`: `*` (everything) · an edition id · a skill URI · a prefix ending in `*` · `isced-f:061` (a field and all
    below it). `jurisdictions`: alpha-2 countries of the issuer, empty for anywhere. `valid_from` and `valid_to` are whole
    days, both included. `periods` is never empty, oldest first, and only ever grows. `attributes`, of `verify` alone: whose
    values may be asked for, empty for any.
    """

    id: str
    action: Action
    dids: tuple[str, ...]
    resources: tuple[str, ...]
    valid_from: date
    periods: tuple[StatusPeriod, ...]
    valid_to: date | None = None
    jurisdictions: tuple[str, ...] = ()
    highest_level: Level | None = None
    attributes: tuple[str, ...] = ()
    evidence_url: str | None = None
    evidence_digest: str | None = None
    delegated_by: str | None = None

    def status_at(self, moment: datetime) -> StatusPeriod | None:
        """The period `moment` falls into, or None before the first one."""
        begun = [period for period in self.periods if period.since <= moment]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DidPeriod:
    """The days on which a DID was its organisation's, both included; None: not bounded."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedEntity:
    """One organisation on the list. `did_periods` has the DIDs that were not always its own, or are no longer."""

    id: str
    names: Mapping[str, str]
    country: str
    external_ids: tuple[str, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    did_periods: Mapping[str, DidPeriod] = field(default_factory=dict)

    def name(self, language: str = "en") -> str:
        """The name in `language`, else in English, else in whatever language there is."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))

    @property
    def dids(self) -> frozenset[str]:
        """Every DID any of its authorizations is about."""
        return frozenset(did for authorization in self.authorizations for did in authorization.dids)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """One numbered issue of one list. `previous` is the digest of the issue before; `digest` is set by `open_list`.

    `four_eyes`: whether the authority lets nobody change its register alone; None where the list does not say.
    """

    name: str
    operator_names: Mapping[str, str]
    territory: str
    sequence: int
    issued: datetime
    next_update: datetime
    entities: tuple[TrustedEntity, ...] = ()
    previous: str | None = None
    pointers: tuple[str, ...] = ()
    digest: str = ""
    four_eyes: bool | None = None
    _by_did: Mapping[str, TrustedEntity] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the organisations: a list of ten thousand is asked at every proof."""
        by_did: dict[str, TrustedEntity] = {}
        for entity in self.entities:
            for authorization in entity.authorizations:
                for did in authorization.dids:
                    by_did.setdefault(did, entity)
        object.__setattr__(self, "_by_did", by_did)

    def operator(self, language: str = "en") -> str:
        """The authority's name in `language`, else in English, else in whatever language there is."""
        return (
            self.operator_names.get(language)
            or self.operator_names.get("en")
            or next(iter(self.operator_names.values()))
        )

    def entity_of(self, did: str) -> TrustedEntity | None:
        """The organisation that acts as `did`, whatever its authorizations are worth."""
        return self._by_did.get(did)

    def is_stale(self, now: datetime) -> bool:
        """Whether a newer issue should be out by now."""
        return now >= self.next_update
