"""What the admin API reads and writes."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.trust_registry.domain.issuing import Issue
from services.trust_registry.domain.register import Entity, Grant, HistoryEntry
from services.trust_registry.ports import Operator
from shared.vc.trust_list import Action, Authorization, DidPeriod, Level, Status

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Uri = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected a time in the years 1 to 9999 of UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Strict(BaseModel):
    """A body in which an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")


class DidPeriodBody(Strict):
    """The days on which a DID was the organisation's, both included; what is absent is not bounded."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    did: Uri
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")


class EntityBody(Strict):
    """An organisation: its name in one or more languages, its country, the DIDs it is recognised by.

    `did_periods`: those of its DIDs that were not always its own, or are no longer. Awards of other days fail.
    """

    names: dict[Language, Text] = Field(min_length=1, max_length=50)
    country: Text
    dids: list[Uri] = Field(min_length=1, max_length=20)
    did_periods: list[DidPeriodBody] = Field(default_factory=list, max_length=20)
    external_ids: list[Uri] = Field(default_factory=list, max_length=20)

    def entity(self, entity_id: str = "") -> Entity:
        """The same for the domain; each DID once."""
        return Entity(
            id=entity_id,
            names=dict(self.names),
            country=self.country,
            dids=tuple(dict.fromkeys(self.dids)),
            did_periods={
                each.did: DidPeriod(since=each.since, until=each.until)
                for each in self.did_periods
                if each.since is not None or each.until is not None
            },
            external_ids=tuple(self.external_ids),
        )

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """The same from the domain."""
        return cls(
            names=dict(entity.names),
            country=entity.country,
            dids=list(entity.dids),
            did_periods=_periods(entity),
            external_ids=list(entity.external_ids),
        )


def _periods(entity: Entity) -> list[DidPeriodBody]:
    return [
        DidPeriodBody(did=did, since=period.since, until=period.until)
        for did, period in sorted(entity.did_periods.items())
    ]


class LevelBody(Strict):
    """A level in a framework: eqf 5."""

    framework: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,20}$")]
    level: int = Field(ge=1, le=20)


class EvidenceBody(Strict):
    """The decision behind an authorization."""

    url: Uri
    digest: Text | None = None


class GrantBody(Strict):
    """What an organisation may do. `dids` absent: all of its own."""

    action: Action
    resources: list[Uri] = Field(min_length=1, max_length=500)
    valid_from: date
    valid_to: date | None = None
    dids: list[Uri] | None = Field(default=None, min_length=1)
    jurisdictions: list[Text] = Field(default_factory=list, max_length=250)
    highest_level: LevelBody | None = None
    attributes: list[Text] = Field(
        default_factory=list,
        max_length=100,
        description="Of verify alone: whose values may be asked for; empty for any.",
    )
    evidence: EvidenceBody | None = None
    delegated_by: Uri | None = None

    def grant(self) -> Grant:
        """The same for the domain."""
        limit = self.highest_level
        return Grant(
            action=self.action,
            resources=tuple(self.resources),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            dids=None if self.dids is None else tuple(dict.fromkeys(self.dids)),
            jurisdictions=tuple(self.jurisdictions),
            highest_level=None if limit is None else Level(framework=limit.framework, level=limit.level),
            attributes=tuple(dict.fromkeys(self.attributes)),
            evidence_url=self.evidence.url if self.evidence else None,
            evidence_digest=self.evidence.digest if self.evidence else None,
            delegated_by=self.delegated_by,
        )

    @classmethod
    def of(cls, grant: Grant) -> Self:
        """The same from the domain."""
        limit, url = grant.highest_level, grant.evidence_url
        return cls(
            action=grant.action,
            resources=list(grant.resources),
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
            dids=None if grant.dids is None else list(grant.dids),
            jurisdictions=list(grant.jurisdictions),
            highest_level=None if limit is None else LevelBody(framework=limit.framework, level=limit.level),
            attributes=list(grant.attributes),
            evidence=None if url is None else EvidenceBody(url=url, digest=grant.evidence_digest),
            delegated_by=grant.delegated_by,
        )


class ChangeBody(Strict):
    """Why a status changes and since when (absent: now)."""

    reason: Text
    effective_at: Moment | None = None


class WithdrawBody(ChangeBody):
    """A withdrawal says whether awards made before it stand."""

    earlier_awards_stand: bool


LARGEST_NUMBER = 1_000_000_000
"""Leaves half of what the register can count to."""


class IssueBody(Strict):
    """`valid_seconds`: a list of that validity which is not renewed on its own, so that it may go stale.

    `number_at_least`: after a restore from a backup, one more than the highest number ever published. Whoever saw that one
    refuses lower numbers as rolled back. Numbers only rise: leave out no more than you must.
    """

    valid_seconds: int | None = Field(default=None, ge=1, le=180 * 24 * 3600)
    number_at_least: int = Field(default=1, ge=1, le=LARGEST_NUMBER)


class ValidityBody(Strict):
    """How long lists are valid from now on."""

    validity_hours: float = Field(ge=0.01, le=24 * 180)


class PeriodShown(BaseModel):
    """A status and since when."""

    status: Status
    since: datetime
    reason: str
    earlier_awards_stand: bool | None


class AuthorizationShown(BaseModel):
    """An authorization with its whole history, oldest first."""

    id: str
    entity_id: str
    action: Action
    status: Status
    dids: list[str]
    resources: list[str]
    valid_from: date
    valid_to: date | None
    jurisdictions: list[str]
    highest_level: LevelBody | None
    attributes: list[str]
    evidence: EvidenceBody | None
    delegated_by: str | None
    history: list[PeriodShown]

    @classmethod
    def of(cls, authorization: Authorization, entity_id: str) -> Self:
        """As the API shows it."""
        limit, url = authorization.highest_level, authorization.evidence_url
        return cls(
            id=authorization.id,
            entity_id=entity_id,
            action=authorization.action,
            status=authorization.periods[-1].status,
            dids=list(authorization.dids),
            resources=list(authorization.resources),
            valid_from=authorization.valid_from,
            valid_to=authorization.valid_to,
            jurisdictions=list(authorization.jurisdictions),
            highest_level=None if limit is None else LevelBody(framework=limit.framework, level=limit.level),
            attributes=list(authorization.attributes),
            evidence=None if url is None else EvidenceBody(url=url, digest=authorization.evidence_digest),
            delegated_by=authorization.delegated_by,
            history=[
                PeriodShown(
                    status=period.status,
                    since=period.since,
                    reason=period.reason,
                    earlier_awards_stand=period.earlier_awards_stand,
                )
                for period in authorization.periods
            ],
        )


class EntityShown(BaseModel):
    """An organisation with all it may do."""

    id: str
    names: dict[str, str]
    country: str
    dids: list[str]
    did_periods: list[DidPeriodBody]
    external_ids: list[str]
    authorizations: list[AuthorizationShown]

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """As the API shows it."""
        return cls(
            id=entity.id,
            names=dict(entity.names),
            country=entity.country,
            dids=list(entity.dids),
            did_periods=_periods(entity),
            external_ids=list(entity.external_ids),
            authorizations=[AuthorizationShown.of(found, entity.id) for found in entity.authorizations],
        )


class HistoryShown(BaseModel):
    """Who did what when."""

    id: str
    at: datetime
    actor: str
    what: str
    entity_id: str | None
    authorization_id: str | None
    facts: dict[str, object]

    @classmethod
    def of(cls, entry: HistoryEntry) -> Self:
        """As the API shows it."""
        return cls(
            id=entry.id,
            at=entry.at,
            actor=entry.actor,
            what=entry.what,
            entity_id=entry.entity_id,
            authorization_id=entry.authorization_id,
            facts=dict(entry.facts),
        )


class ListShown(BaseModel):
    """What to pin (url, name, operator_key) and which issue is the newest."""

    name: str
    url: str
    operator_did: str
    operator_key: str = Field(description="The operator's public key as multikey: pin this.")
    kid: str
    sequence: int
    issued: datetime
    next_update: datetime
    digest: str
    validity_hours: float
    four_eyes: bool = Field(description="Whether every change of the register takes two people.")

    @classmethod
    def of(
        cls, issue: Issue, *, name: str, url: str, operator: Operator, validity_hours: float, four_eyes: bool
    ) -> Self:
        """As the API shows it."""
        return cls(
            name=name,
            url=url,
            operator_did=operator.did,
            operator_key=operator.multikey,
            kid=operator.kid,
            sequence=issue.number,
            issued=issue.issued,
            next_update=issue.next_update,
            digest=issue.digest,
            validity_hours=validity_hours,
            four_eyes=four_eyes,
        )
