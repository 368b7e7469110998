"""The register: organisations and what the authority lets them do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from services.trust_registry.errors import EntryRefused
from shared.vc.trust_list import (
    EVERYTHING,
    ISCED_PREFIX,
    Action,
    Authorization,
    DidPeriod,
    Level,
    StatusPeriod,
    TrustedEntity,
)

_COUNTRY = re.compile(r"[A-Z]{2}")
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ISCED = re.compile(re.escape(ISCED_PREFIX) + r"[0-9]{2,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One organisation in the register. `did_periods` has those of its DIDs that were not always its own, or are no longer."""

    id: str
    names: Mapping[str, str]
    country: str
    dids: tuple[str, ...]
    external_ids: tuple[str, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    did_periods: Mapping[str, DidPeriod] = field(default_factory=dict)

    def as_listed(self) -> TrustedEntity:
        """What the list says of it."""
        return TrustedEntity(
            id=self.id,
            names=self.names,
            country=self.country,
            external_ids=self.external_ids,
            authorizations=self.authorizations,
            did_periods=self.did_periods,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """Who did what when; kept for ever."""

    id: str
    at: datetime
    actor: str
    what: str
    entity_id: str | None = None
    authorization_id: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An authorization somebody asks the register to hold. `dids` None: all of the organisation's."""

    action: Action
    resources: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    dids: tuple[str, ...] | None = None
    jurisdictions: tuple[str, ...] = ()
    highest_level: Level | None = None
    attributes: tuple[str, ...] = ()
    evidence_url: str | None = None
    evidence_digest: str | None = None
    delegated_by: str | None = None


def checked(entity: Entity) -> Entity:
    """The entity, if it says what the list needs. Raises EntryRefused."""
    if not entity.names or not all(name.strip() for name in entity.names.values()):
        raise EntryRefused("expected a name in at least one language")
    check_countries([entity.country])
    if not entity.dids:
        raise EntryRefused("expected at least one DID: it is what an organisation is recognised by")
    check_dids(entity.dids)
    for did, period in entity.did_periods.items():
        if did not in entity.dids:
            raise EntryRefused(
                f"expected did_periods of its own DIDs, found one of {did[:100]}: add it to dids"
            )
        if period.since and period.until and period.until < period.since:
            raise EntryRefused(
                f"expected the last day of {did} on or after {period.since}, found {period.until}"
            )
    return entity


def granted(entity: Entity, grant: Grant, *, authorization_id: str, now: datetime) -> Authorization:
    """The authorization `grant` makes, in force from its first day. Raises EntryRefused."""
    dids = entity.dids if grant.dids is None else grant.dids
    strangers = [did for did in dids if did not in entity.dids]
    if strangers or not dids:
        raise EntryRefused(
            f"expected DIDs of this organisation, found {', '.join(strangers) or 'none'}: add them to it first"
        )
    if not grant.resources:
        raise EntryRefused("expected at least one resource: '*' for everything")
    for resource in grant.resources:
        check_resource(resource)
    check_countries(grant.jurisdictions)
    check_attributes(grant.action, grant.attributes)
    if grant.valid_to is not None and grant.valid_to < grant.valid_from:
        raise EntryRefused(f"expected valid_to on or after {grant.valid_from}, found {grant.valid_to}")
    first_day = datetime.combine(grant.valid_from, time(), UTC)
    return Authorization(
        id=authorization_id,
        action=grant.action,
        dids=dids,
        resources=grant.resources,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        jurisdictions=grant.jurisdictions,
        highest_level=grant.highest_level,
        attributes=grant.attributes,
        evidence_url=grant.evidence_url,
        evidence_digest=grant.evidence_digest,
        delegated_by=grant.delegated_by,
        periods=(StatusPeriod(status="granted", since=min(first_day, now)),),
    )


def check_dids(dids: Sequence[str]) -> None:
    """Raises EntryRefused unless each is a DID."""
    for did in dids:
        if not _DID.fullmatch(did):
            raise EntryRefused(f"expected a DID such as did:webvh:…, found {did[:100]!r}")


def check_resource(resource: str) -> None:
    """Raises EntryRefused unless it is one an authorization may name."""
    pattern = resource.removesuffix("*")
    known = (
        resource == EVERYTHING
        or pattern.startswith(("did:", "http://", "https://", "urn:"))
        or _ISCED.fullmatch(resource)
    )
    if not known or "*" in pattern:
        raise EntryRefused(
            f"expected '*', an edition id, a skill URI, either of them up to a final '*', or isced-f:DIGITS; found {resource[:100]!r}"
        )


def check_attributes(action: Action, attributes: Sequence[str]) -> None:
    """Raises EntryRefused unless each is an attribute's name, of an authorization to verify."""
    if attributes and action != "verify":
        raise EntryRefused(
            f"expected attributes with verify alone, found them with {action}: whoever may {action} asks for no values"
        )
    for name in attributes:
        if not _ATTRIBUTE.fullmatch(name):
            raise EntryRefused(f"expected the name of an attribute such as title, found {name[:60]!r}")


def check_countries(countries: Sequence[str]) -> None:
    """Raises EntryRefused unless each is an ISO 3166-1 code."""
    for country in countries:
        if not _COUNTRY.fullmatch(country):
            raise EntryRefused(
                f"expected a country as two capital letters (ISO 3166-1), found {country[:20]!r}"
            )
