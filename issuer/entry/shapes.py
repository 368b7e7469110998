"""What the issuer's API takes and gives, as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from issuer.domain import reissue as domain
from issuer.domain.award import Revoked, Superseded
from issuer.domain.batch import Batch
from issuer.domain.doubts import doubts
from issuer.domain.history import AwardStage, What
from issuer.domain.message import Bounced, Channel, Failed, Kind, Message
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.reissue import CheckMethod, Loss
from issuer.domain.revocation_order import MOST_CHOSEN, RevocationOrder
from issuer.domain.template import Approved, Retired, StateName, Template
from issuer.entry.template_json import TemplateJson
from issuer.errors import Complaint
from issuer.use_cases.find_awards import FoundAward
from shared.vc.achievement import missing_elements

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class OrganisationShape(BaseModel):
    """Who awards; `state` is ready once credentials can be issued."""

    slug: str
    name: str
    country: str
    did: str
    state: Literal["preparing", "ready", "suspended", "closed"]
    suspended_at: datetime | None
    suspended_because: str
    closed_at: datetime | None
    second_person: bool
    schema_id: str | None
    credential_definition_id: str | None

    @classmethod
    def of(cls, organisation: Organisation, definition: Definition | None) -> Self:
        """Show both."""
        made = definition.credential_definition_id if definition else None
        return cls(
            slug=organisation.slug,
            name=organisation.name,
            country=organisation.country,
            did=organisation.did,
            state="closed"
            if organisation.closed_at
            else "suspended"
            if organisation.suspended_at
            else "ready"
            if made
            else "preparing",
            suspended_at=organisation.suspended_at,
            suspended_because=organisation.suspended_because,
            closed_at=organisation.closed_at,
            second_person=organisation.second_person,
            schema_id=definition.schema_id if definition else None,
            credential_definition_id=made,
        )


class TemplateShape(BaseModel):
    """A programme; `missing` names what Annex I still asks of a draft, `warnings` what may be wrong though it is allowed."""

    id: UUID
    programme_id: UUID = Field(description="the same for every edition of one programme")
    replaces: UUID | None = Field(description="the template of the edition that this one follows")
    state: StateName
    missing: list[str]
    warnings: list[str]
    edition_id: str | None
    published_at: datetime | None
    follows: str | None = Field(description="id of the edition before, as the signed edition says")
    author: str = Field(
        description="who described it last, as in GET /v1/audit; empty where that is not known"
    )
    approved_by: str | None
    approved_at: datetime | None
    retired_at: datetime | None
    template: TemplateJson

    @classmethod
    def of(cls, template: Template) -> Self:
        """Show it."""
        published, state = template.published, template.state
        return cls(
            id=template.id,
            programme_id=template.programme,
            replaces=template.replaces,
            state=template.state_name,
            missing=missing_elements(template.description),
            warnings=doubts(template.description),
            edition_id=published.edition_id if published else None,
            published_at=published.at if published else None,
            follows=published.edition.follows if published else None,
            author=template.author,
            approved_by=state.by if isinstance(state, Approved) else None,
            approved_at=state.at if isinstance(state, Approved) else None,
            retired_at=state.at if isinstance(state, Retired) else None,
            template=TemplateJson.from_domain(template.description),
        )


class ComplaintShape(BaseModel):
    """One fault of the spreadsheet; the header is row 1, row 0 is the file as a whole."""

    row: int
    column: str
    found: str
    problem: str
    remedy: str

    @classmethod
    def all_of(cls, complaints: Sequence[Complaint]) -> list[Self]:
        """Show them."""
        return [
            cls(row=c.row, column=c.column, found=c.found, problem=c.problem, remedy=c.remedy)
            for c in complaints
        ]


class DryRunShape(BaseModel):
    """What an import would do; nothing was stored."""

    id: None = None
    would_award: int
    encoding: str
    separator: str
    complaints: list[ComplaintShape]


class BatchShape(BaseModel):
    """An imported file. `codes` are the one-time codes by award id, shown in the answer to the import only."""

    id: UUID
    template_id: UUID
    edition_id: str
    rows: int
    awards: int
    encoding: str
    separator: str
    complaints: list[ComplaintShape]
    created_at: datetime
    states: dict[str, int]
    codes: dict[UUID, str] | None = None

    @classmethod
    def of(cls, batch: Batch, states: Mapping[str, int], codes: Mapping[UUID, str] | None = None) -> Self:
        """Show it."""
        return cls(
            id=batch.id,
            template_id=batch.template_id,
            edition_id=batch.edition_id,
            rows=batch.rows,
            awards=batch.awards,
            encoding=batch.encoding,
            separator=batch.separator,
            complaints=ComplaintShape.all_of(batch.complaints),
            created_at=batch.created_at,
            states=dict(states),
            codes=dict(codes) if codes is not None else None,
        )


class RevocationShape(BaseModel):
    """`published_at` is set once the status lists that anyone can fetch show it; at once with nothing to show."""

    reason: str
    requested_at: datetime
    published_at: datetime | None


class SuspensionShape(BaseModel):
    """That an award does not count for a while, or counts again; `published_at` as for a revocation."""

    reason: str
    requested_at: datetime
    published_at: datetime | None


class TroubleShape(BaseModel):
    """The last message that did not reach the graduate, and what to do; gone once a later one of its kind was taken."""

    message_id: UUID
    kind: Kind
    channel: Channel
    state: Literal["bounced", "failed"]
    at: datetime
    reason: str
    remedy: str

    @classmethod
    def of(cls, message: Message) -> Self | None:
        """Show it."""
        match message.state:
            case Bounced(at, reason):
                return cls(
                    message_id=message.id,
                    kind=message.kind,
                    channel=message.channel,
                    state="bounced",
                    at=at,
                    reason=reason,
                    remedy="This address takes no messages. Correct it (POST /v1/awards/{id}/supersede), send by another "
                    "way (POST /v1/awards/{id}/send), or give the link by hand (claim_url).",
                )
            case Failed(at, reason):
                return cls(
                    message_id=message.id,
                    kind=message.kind,
                    channel=message.channel,
                    state="failed",
                    at=at,
                    reason=reason,
                    remedy="Send it again (POST /v1/awards/{id}/send); if it fails again, see the reason, or give the "
                    "link by hand (claim_url).",
                )
            case _:
                return None


class IdentityCheckShape(BaseModel):
    """how, when and by whom (`key:ID` or `member:ID`, as in the audit log) the learner's identity was checked."""

    method: CheckMethod
    note: str | None
    by: str
    at: datetime


class ReissueShape(BaseModel):
    """Why an award was issued again, and after which check."""

    reason: Loss
    text: str | None
    identity_check: IdentityCheckShape

    @classmethod
    def of(cls, reissue: domain.Reissue) -> Self:
        """Show it."""
        check = reissue.check
        return cls(
            reason=reissue.loss,
            text=reissue.text or None,
            identity_check=IdentityCheckShape(
                method=check.method, note=check.note or None, by=check.by, at=check.at
            ),
        )


class EventShape(BaseModel):
    """Something that happened to an award; `by` is `key:ID`, `member:ID`, `learner` or `service`, null where that is not known."""

    what: What
    at: datetime
    reason: str
    by: str | None


class AwardShape(BaseModel):
    """One award and how far it has come."""

    id: UUID
    batch_id: UUID
    template_id: UUID
    edition_id: str
    row: int
    state: str
    stage: AwardStage = Field(description="how far it has come, as people are shown")
    link_until: date | None = Field(
        description="the claim link's last day, null if none was sent; the credential does not end with it"
    )
    claim_url: str
    given_name: str
    family_name: str
    awarded_on: date
    replaces: UUID | None
    superseded_by: UUID | None = Field(description="the award that replaces it, corrected or issued again")
    reissues: int = Field(description="how often it and those it replaces were issued again")
    reissue: ReissueShape | None
    revocation: RevocationShape | None
    suspension: SuspensionShape | None = Field(description="while it is suspended; its state stays issued")
    reinstatement: SuspensionShape | None = Field(description="after it was suspended, while it counts again")
    delivery_trouble: TroubleShape | None = Field(description="while the graduate has not claimed")
    created_at: datetime
    updated_at: datetime
    contact_deleted_at: datetime | None = Field(
        description="since then e-mail address and telephone are gone; null: still kept, or never had"
    )
    code: str | None = Field(
        default=None, description="one-time code, in the answer to supersede and reissue only"
    )
    history: list[EventShape] | None = Field(
        default=None, description="what happened, oldest first; in the answer about one award only"
    )

    @classmethod
    def of(cls, found: FoundAward, claim_url: str, code: str | None = None) -> Self:
        """Show it with how far its revocation has come."""
        award, revocation = found.award, None
        if isinstance(award.state, Revoked | Superseded):
            revocation = RevocationShape(
                reason=award.state.reason, requested_at=award.state.at, published_at=found.published_at
            )
        return cls(
            id=award.id,
            batch_id=award.batch_id,
            template_id=award.template_id,
            edition_id=award.edition_id,
            row=award.row,
            state=award.state_name,
            stage=found.stage,
            link_until=found.link.until if found.link else None,
            history=[EventShape(what=e.what, at=e.at, reason=e.reason, by=e.by) for e in found.events]
            or None,
            claim_url=claim_url,
            given_name=award.graduate.given_name,
            family_name=award.graduate.family_name,
            awarded_on=award.graduate.awarded_on,
            replaces=award.replaces,
            superseded_by=award.state.by if isinstance(award.state, Superseded) else None,
            reissues=award.reissues,
            reissue=ReissueShape.of(award.reissue) if award.reissue else None,
            revocation=revocation,
            suspension=_suspension(found),
            reinstatement=_reinstatement(found),
            delivery_trouble=TroubleShape.of(found.trouble) if found.trouble else None,
            created_at=award.created_at,
            updated_at=award.updated_at,
            contact_deleted_at=award.contact_deleted_at,
            code=code,
        )


def _suspension(found: FoundAward) -> SuspensionShape | None:
    mark, change = found.award.suspension, found.status_change
    if mark is None:
        return None
    published = change.published_at if change is not None and change.suspended else None
    return SuspensionShape(reason=mark.reason, requested_at=mark.at, published_at=published)


def _reinstatement(found: FoundAward) -> SuspensionShape | None:
    change = found.status_change
    if change is None or change.suspended:
        return None
    return SuspensionShape(
        reason=change.reason, requested_at=change.requested_at, published_at=change.published_at
    )


NOTIFY: Final = Field(default=False, description="write to the learner, where her address is still kept")


class Revoke(BaseModel):
    """Why; the learner reads it."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    notify: bool = NOTIFY


class RevokeMany(BaseModel):
    """Which awards (a whole batch, or chosen ones), why, and whether their learners are written to."""

    model_config = ConfigDict(extra="forbid")

    batch_id: UUID | None = None
    award_ids: list[UUID] = Field(default_factory=list, max_length=MOST_CHOSEN)
    reason: Reason
    notify: bool = Field(default=True, description="write to each learner whose address is still kept")

    @model_validator(mode="after")
    def says_which(self) -> Self:
        """Both at once, or neither, would leave open what is meant."""
        if (self.batch_id is None) == (not self.award_ids):
            raise ValueError("give either batch_id or award_ids")
        return self


class RevocationOrderShape(BaseModel):
    """An order to revoke many awards, carried out in the background."""

    id: UUID
    batch_id: UUID | None
    reason: str
    notify: bool
    by: str
    state: Literal["working", "done"]
    total: int = Field(description="awards that had not ended when it was given")
    revoked: int
    left_out: int = Field(description="had ended already, or ended meanwhile")
    told: int = Field(description="learners a message was queued for")
    unpublished: int = Field(description="credentials that no published status list shows as revoked yet")
    asked_at: datetime
    done_at: datetime | None

    @classmethod
    def of(cls, order: RevocationOrder, unpublished: int) -> Self:
        """Show it."""
        return cls(
            id=order.id,
            batch_id=order.batch_id,
            reason=order.reason,
            notify=order.notify,
            by=order.by,
            state="done" if order.done_at else "working",
            total=order.total,
            revoked=order.revoked,
            left_out=order.left_out,
            told=order.told,
            unpublished=unpublished,
            asked_at=order.asked_at,
            done_at=order.done_at,
        )


class Supersede(BaseModel):
    """Why, and the corrected values as a spreadsheet's cells; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason
    given_name: str | None = None
    family_name: str | None = Field(default=None, description='"-" for a person with one name')
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    awarded_on: str | None = Field(default=None, description="YYYY-MM-DD")
    grade_pct: str | int | None = None
    grade: str | None = None
    notify: bool = NOTIFY

    def corrections(self) -> dict[str, str]:
        """Return the cells that change."""
        given = self.model_dump(exclude={"reason", "notify"}, exclude_none=True)
        return {column: str(value) for column, value in given.items()}


class IdentityCheckMade(BaseModel):
    """How the officer made sure that it is the learner; whoever sends this says that it was done."""

    model_config = ConfigDict(extra="forbid")

    method: CheckMethod
    note: Reason | None = Field(
        default=None, description='must say how with method "other"; a kind of document, never its number'
    )

    @model_validator(mode="after")
    def says_how(self) -> Self:
        """`other` alone says nothing."""
        if self.method is CheckMethod.OTHER and self.note is None:
            raise ValueError('with method "other" the note must say how the identity was checked')
        return self


class Reissue(BaseModel):
    """What was lost, and the identity check, without which nothing is issued again."""

    model_config = ConfigDict(extra="forbid")

    reason: Loss
    text: Reason | None = Field(
        default=None, description='read by whoever holds the old credential; needed with reason "other"'
    )
    identity_check: IdentityCheckMade
    beyond_limit: bool = Field(default=False, description="only with a key of scope admin")
    notify: bool = NOTIFY

    @model_validator(mode="after")
    def says_why(self) -> Self:
        """`other` alone says nothing."""
        if self.reason is Loss.OTHER and self.text is None:
            raise ValueError('with reason "other" the text must say what happened')
        return self

    def to_domain(self, *, by: str, at: datetime) -> domain.Reissue:
        """`by` is whose key it was, `at` when he said so."""
        made = self.identity_check
        check = domain.IdentityCheck(made.method, made.note or "", by, at)
        return domain.Reissue(self.reason, self.text or "", check)


class ClaimCode(BaseModel):
    """What a wallet posts to a claim link; `code` where one was set."""

    model_config = ConfigDict(extra="forbid")

    code: str | None = Field(default=None, max_length=40)


class ClaimAnswer(BaseModel):
    """A standard out-of-band 1.1 invitation."""

    invitation_url: str
