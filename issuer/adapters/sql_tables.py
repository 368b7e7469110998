"""The issuer's tables."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Index, String, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from issuer.domain.history import AwardStage
from shared.adapters.sql import UtcDateTime

COMPARED: Final = String().with_variant(String(collation="C"), "postgresql")
"""Text that is compared character by character, so that an index finds what begins alike."""


class IssuerTable(SQLModel, registry=registry()):
    """Base of the issuer's tables."""


class OrganisationRow(IssuerTable, table=True):
    """An organisation that awards."""

    __tablename__ = "organisation"

    slug: str = Field(primary_key=True)
    name: str
    country: str
    did: str
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_because: str = ""
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_person: bool = False
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class LogoRow(IssuerTable, table=True):
    """An organisation's logo."""

    __tablename__ = "organisation_logo"

    organisation: str = Field(primary_key=True)
    digest: str = Field(index=True)
    media_type: str
    content: bytes


class WordingRow(IssuerTable, table=True):
    """An organisation's own words for a kind of message in a language."""

    __tablename__ = "organisation_wording"

    organisation: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    subject: str
    text: str
    short: str


class DefinitionRow(IssuerTable, table=True):
    """An organisation's credential definition for a profile version and status policy."""

    __tablename__ = "definition"

    organisation: str = Field(primary_key=True)
    profile_version: str = Field(primary_key=True)
    status_policy: str = Field(primary_key=True)
    schema_id: str | None = None
    credential_definition_id: str | None = None


class TemplateRow(IssuerTable, table=True):
    """A programme; `edition` is the published Achievement, null before."""

    __tablename__ = "template"
    __table_args__ = (
        Index("ix_template_organisation_id", "organisation", "id"),
        Index("ix_template_programme_id", "programme_id"),
    )

    id: str = Field(primary_key=True)
    organisation: str
    description: dict[str, Any] = Field(sa_type=JSON)
    edition_id: str | None = Field(default=None, index=True)
    edition: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    author: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replaces: str | None = None
    programme_id: str
    """The template of the programme's first edition."""


class BatchRow(IssuerTable, table=True):
    """A file that was uploaded; which columns count depends on `state`."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_organisation_id", "organisation", "id"),)

    id: str = Field(primary_key=True)
    organisation: str
    template_id: str = Field(foreign_key="template.id")
    edition_id: str
    rows: int
    awards: int
    encoding: str
    separator: str
    complaints: list[dict[str, Any]] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="prepared", index=True)
    file_name: str = ""
    uploaded_by: str = ""
    asked_by: str = ""
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    approved_by: str = ""
    sent_back: str = ""
    trace: str | None = None


class BatchRowRow(IssuerTable, table=True):
    """A row of the file, kept until its time is over; `same_row` or `same_award` says of whom it is a duplicate."""

    __tablename__ = "batch_row"
    __table_args__ = (
        Index("ix_batch_row_state", "batch_id", "state", "row"),
        Index("ix_batch_row_by_email", "batch_id", "by_email"),
        Index("ix_batch_row_by_phone", "batch_id", "by_phone"),
        Index("ix_batch_row_by_day", "batch_id", "by_day"),
    )

    batch_id: str = Field(primary_key=True, foreign_key="batch.id", ondelete="CASCADE")
    row: int = Field(primary_key=True)
    organisation: str
    state: str
    cells: dict[str, str] = Field(sa_type=JSON)
    complaints: list[dict[str, Any]] = Field(sa_type=JSON)
    same_row: int | None = None
    same_award: str | None = None
    all_the_same: bool
    award_id: str | None = None
    by_email: str | None = None
    by_phone: str | None = None
    by_day: str | None = None


class AwardRow(IssuerTable, table=True):
    """An award; which of the nullable columns are filled depends on `state` and is decided in one place, below."""

    __tablename__ = "award"
    __table_args__ = (
        Index("ix_award_batch_id_id", "batch_id", "id"),
        Index("ix_award_state_updated_at", "state", "updated_at"),
        Index(
            "ix_award_once_a_row",
            "batch_id",
            "row",
            unique=True,
            sqlite_where=text("replaces IS NULL"),
            postgresql_where=text("replaces IS NULL"),
        ),
        Index("ix_award_organisation_id", "organisation", "id"),
        Index("ix_award_organisation_stage_id", "organisation", "stage", "id"),
        Index("ix_award_organisation_template_id_id", "organisation", "template_id", "id"),
        Index("ix_award_organisation_awarded_on", "organisation", "awarded_on"),
        Index("ix_award_organisation_name_key", "organisation", "name_key"),
        Index("ix_award_organisation_family_key", "organisation", "family_key"),
        Index("ix_award_organisation_email", "organisation", "email"),
        Index("ix_award_organisation_phone", "organisation", "phone"),
    )

    id: str = Field(primary_key=True)
    organisation: str
    batch_id: str = Field(foreign_key="batch.id")
    template_id: str = Field(foreign_key="template.id")
    edition_id: str
    row: int
    given_name: str
    family_name: str
    email: str
    phone: str
    language: str
    awarded_on: date
    grade_pct: int | None = None
    grade: str
    identity_salt: str
    claim_digest: str = Field(unique=True)
    code_digest: str | None = None
    wrong_codes: int
    state: str
    invitation_msg_id: str | None = Field(default=None, index=True)
    connection_id: str | None = Field(default=None, index=True)
    cred_ex_id: str | None = Field(default=None, index=True)
    rev_reg_id: str | None = None
    cred_rev_id: str | None = None
    ended_because: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    superseded_by: str | None = None
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_because: str | None = None
    leftovers: list[dict[str, str]] = Field(sa_type=JSON)
    replaces: str | None = None
    origin: str | None = None
    reissues: int = 0
    reissue: dict[str, str] | None = Field(default=None, sa_type=JSON)
    contact_deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: str | None = None
    version: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    stage: str = AwardStage.PREPARED
    """Moved by events alone, not by whoever stores the award: see sql_history.py."""
    name_key: str = Field(default="", sa_type=COMPARED)
    """The names as they are searched for; they go when the names go."""
    family_key: str = Field(default="", sa_type=COMPARED)


class AwardEventRow(IssuerTable, table=True):
    """Something that happened to an award."""

    __tablename__ = "award_event"
    __table_args__ = (Index("ix_award_event_award_id_number", "award_id", "number"),)

    number: int | None = Field(default=None, primary_key=True)
    award_id: str = Field(foreign_key="award.id", ondelete="CASCADE")
    organisation: str
    at: datetime = Field(sa_type=UtcDateTime)
    what: str
    reason: str
    by: str | None = None


class StatusChangeRow(IssuerTable, table=True):
    """What a credential is to be: suspended, or valid again; the latest order only."""

    __tablename__ = "status_change"

    rev_reg_id: str = Field(primary_key=True)
    cred_rev_id: str = Field(primary_key=True)
    id: str = Field(unique=True)
    organisation: str
    award_id: str = Field(foreign_key="award.id", index=True, ondelete="CASCADE")
    connection_id: str
    cred_ex_id: str
    suspended: bool
    reason: str
    requested_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RevocationRow(IssuerTable, table=True):
    """A credential to be shown as revoked."""

    __tablename__ = "revocation"
    __table_args__ = (UniqueConstraint("rev_reg_id", "cred_rev_id"),)

    id: str = Field(primary_key=True)
    organisation: str
    award_id: str = Field(foreign_key="award.id", index=True)
    connection_id: str = Field(index=True)
    cred_ex_id: str
    rev_reg_id: str
    cred_rev_id: str
    reason: str
    requested_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RevocationOrderRow(IssuerTable, table=True):
    """An order to revoke many awards; `done_at` null while it is carried out."""

    __tablename__ = "revocation_order"

    id: str = Field(primary_key=True)
    organisation: str
    batch_id: str | None = None
    award_ids: list[str] = Field(sa_type=JSON)
    reason: str
    notify: bool
    by: str
    total: int
    asked_at: datetime = Field(sa_type=UtcDateTime)
    position: str | None = None
    revoked: int
    left_out: int
    told: int
    done_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)


class DeliveryRow(IssuerTable, table=True):
    """How a batch's links are sent; `remind_every_days` null: nobody is reminded."""

    __tablename__ = "delivery"

    batch_id: str = Field(primary_key=True, foreign_key="batch.id", ondelete="CASCADE")
    organisation: str
    link_by: str
    codes: bool
    one_way: str
    link_days: int
    remind_every_days: int | None = None
    remind_most: int
    sent_at: datetime = Field(sa_type=UtcDateTime)


class ClaimLinkRow(IssuerTable, table=True):
    """An award's link as it was sent."""

    __tablename__ = "claim_link"

    award_id: str = Field(primary_key=True, foreign_key="award.id", ondelete="CASCADE")
    organisation: str
    short_digest: str = Field(unique=True)
    until: date = Field(index=True)
    link_by: str
    code_by: str | None = None


class MessageRow(IssuerTable, table=True):
    """A message to a graduate; where it goes stands on the award. `next_at` is filled while it is queued, else `ended_at`."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("award_id", "kind", "number"),
        Index("ix_message_due", "state", "channel", "next_at"),
    )

    id: str = Field(primary_key=True)
    organisation: str
    batch_id: str = Field(index=True)
    award_id: str = Field(foreign_key="award.id", ondelete="CASCADE")
    kind: str
    number: int
    channel: str
    language: str
    state: str
    attempts: int
    segments: int | None = None
    reason: str
    queued_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class QuestionRow(IssuerTable, table=True):
    """The thread of an award a learner asked about."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_waiting", "organisation", "state", "moved_at"),)

    award_id: str = Field(primary_key=True, foreign_key="award.id", ondelete="CASCADE")
    organisation: str
    matter: str
    state: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    moved_at: datetime = Field(sa_type=UtcDateTime)


class QuestionLineRow(IssuerTable, table=True):
    """One message of a thread; `by` null: the learner's. `sent_at` null: the agent has not taken it yet."""

    __tablename__ = "question_line"
    __table_args__ = (UniqueConstraint("award_id", "message_id"),)

    award_id: str = Field(primary_key=True, foreign_key="question.award_id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str | None = None
    text: str
    message_id: str
    connection_id: str
    sent_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
