"""The registry's tables. Periods, history and issues are only ever added to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.adapters.sql import UtcDateTime


class RegistryTable(SQLModel, registry=registry()):
    """Base of this service's own tables."""


class SchemeRow(RegistryTable, table=True):
    """The one list: its revision grows with every change."""

    __tablename__ = "scheme"

    name: str = Field(primary_key=True)
    revision: int
    validity_seconds: int
    four_eyes: bool = False


class EntityRow(RegistryTable, table=True):
    """One organisation."""

    __tablename__ = "entity"

    id: str = Field(primary_key=True)
    names: dict[str, str] = Field(sa_type=JSON)
    country: str
    external_ids: list[str] = Field(sa_type=JSON)


class EntityDidRow(RegistryTable, table=True):
    """A DID stands for one organisation only."""

    __tablename__ = "entity_did"

    did: str = Field(primary_key=True)
    entity_id: str = Field(foreign_key="entity.id", index=True)
    position: int
    since: date | None = None
    until: date | None = None


class AuthorizationRow(RegistryTable, table=True):
    """One authorization; what may change is in its periods."""

    __tablename__ = "entity_authorization"

    id: str = Field(primary_key=True)
    entity_id: str = Field(foreign_key="entity.id", index=True)
    action: str
    dids: list[str] = Field(sa_type=JSON)
    resources: list[str] = Field(sa_type=JSON)
    jurisdictions: list[str] = Field(sa_type=JSON)
    highest_framework: str | None = None
    highest_level: int | None = None
    attributes: list[str] = Field(default_factory=list, sa_type=JSON)
    valid_from: date
    valid_to: date | None = None
    evidence_url: str | None = None
    evidence_digest: str | None = None
    delegated_by: str | None = None


class PeriodRow(RegistryTable, table=True):
    """What an authorization was from `since` on; `position` counts from 0."""

    __tablename__ = "status_period"
    __table_args__ = (UniqueConstraint("authorization_id", "position"),)

    id: str = Field(primary_key=True)
    authorization_id: str = Field(foreign_key="entity_authorization.id", index=True)
    position: int
    status: str
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str
    earlier_awards_stand: bool | None = None


class HistoryRow(RegistryTable, table=True):
    """Who did what when."""

    __tablename__ = "history"

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    what: str
    entity_id: str | None = Field(default=None, index=True)
    authorization_id: str | None = None
    facts: dict[str, Any] = Field(sa_type=JSON)


class IssueRow(RegistryTable, table=True):
    """One list as it was published."""

    __tablename__ = "list_issue"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    issued: datetime = Field(sa_type=UtcDateTime)
    next_update: datetime = Field(sa_type=UtcDateTime)
    digest: str
    compact: str = Field(sa_type=Text)
    renew: bool
    previous: str | None = None


class ProposalRow(RegistryTable, table=True):
    """What one person proposed and another decided."""

    __tablename__ = "proposal"

    id: str = Field(primary_key=True)
    state: str = Field(index=True)
    reason: str
    edits: list[Any] = Field(sa_type=JSON)
    standing: dict[str, str] = Field(sa_type=JSON)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str | None = None


class ApplicationRow(RegistryTable, table=True):
    """One organisation that asks to be listed. `contact` goes a set time after the end; the link is kept as a digest."""

    __tablename__ = "application"

    id: str = Field(primary_key=True)
    state: str = Field(index=True)
    proposal_id: str | None = Field(default=None, foreign_key="proposal.id")
    proven: bool
    facts: dict[str, Any] = Field(sa_type=JSON)
    contact: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    link_digest: str = Field(unique=True)
    changed_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ApplicationEntryRow(RegistryTable, table=True):
    """Who did what about an application."""

    __tablename__ = "application_entry"

    id: str = Field(primary_key=True)
    application_id: str = Field(foreign_key="application.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    what: str
    text: str = Field(sa_type=Text)


class ApplicationFileRow(RegistryTable, table=True):
    """The file an applicant brought."""

    __tablename__ = "application_file"

    application_id: str = Field(primary_key=True, foreign_key="application.id")
    content: bytes
