"""The API's shapes, and how they become the domain's and back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from shared.contracts.deletion_words import MOST_REASON
from shared.contracts.question_words import is_plain
from shared.contracts.signed_request import (
    MAX_ALTERNATIVES,
    MAX_NEEDS,
    AskedAlternative,
    AskedHours,
    AskedLevel,
    AskedNeed,
)
from shared.contracts.verdict_words import LANGUAGES, RESULTS, reasons_said, said
from shared.ports.trust_pins import TrustPin
from shared.vc.jcs import digest_multibase
from shared.vc.trust_decision import Snapshot
from verifier.domain.levels import LevelAsked
from verifier.domain.names import MAX_NAME, Applicant
from verifier.domain.request import Declined, Expired, Judged, Request, StateName, state_name
from verifier.domain.requirement import (
    DEFAULT_EXPIRY,
    DEFAULT_STATUS_AGE,
    Alternative,
    Need,
    Policy,
    Requirement,
)
from verifier.domain.template import MAX_PARAMETERS
from verifier.domain.verdict import Source
from verifier.domain.wish import Deleted, Refused, Wish
from verifier.errors import Fault, RequirementInvalid

TEMPLATE_ID = "[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?"
TEMPLATE_REF = f"^{TEMPLATE_ID}@[1-9][0-9]{{0,5}}$"
type Parameters = Annotated[
    dict[Annotated[str, Field(max_length=100)], JsonValue], Field(max_length=MAX_PARAMETERS)
]


def plain(text: str) -> str:
    """A text without characters that a page cannot show. Raises ValueError."""
    if not is_plain(text):
        raise ValueError("expected text without control characters")
    return text


STRICT = ConfigDict(frozen=True, extra="forbid")
"""Unknown fields are refused: a part of a need that is not understood would not be judged."""


class LevelBody(AskedLevel):
    """A minimum level in one framework."""

    model_config = STRICT


class HoursBody(AskedHours):
    """A minimum workload."""

    model_config = STRICT


class AlternativeBody(AskedAlternative):
    """One kind of programme that would do."""

    model_config = STRICT

    level: LevelBody | None = None
    workload_hours: HoursBody | None = None


class NeedBody(AskedNeed):
    """One need: skill, level and workload_hours, or any_of several of these."""

    model_config = STRICT

    level: LevelBody | None = None
    workload_hours: HoursBody | None = None
    any_of: Annotated[tuple[AlternativeBody, ...], Field(max_length=MAX_ALTERNATIVES)] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        own = (self.skill, self.level, self.workload_hours)
        if self.any_of and any(part is not None for part in own):
            raise ValueError(
                "expected any_of alone, or skill, level and workload_hours without it; found both"
            )
        return self


class WayBody(BaseModel):
    """One way to meet a requirement: all of these needs."""

    model_config = STRICT

    all_of: Annotated[tuple[NeedBody, ...], Field(min_length=1, max_length=MAX_NEEDS)]


class ApplicantBody(BaseModel):
    """A person as the job platform knows her; deleted with what she shows."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    given_name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    family_name: Annotated[str, Field(max_length=MAX_NAME)] = ""

    def to_domain(self) -> Applicant:
        """The names."""
        return Applicant(self.given_name, self.family_name)


type Purpose = (
    Annotated[str, Field(max_length=10_000)]
    | Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], Annotated[str, Field(max_length=10_000)]],
        Field(min_length=1, max_length=20),
    ]
)


class RequirementBody(BaseModel):
    """A requirement in a job platform's terms."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "purpose": "Application: junior data analyst",
                    "need": [
                        {
                            "skill": "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f",
                            "level": {"framework": "eqf", "at_least": 4},
                            "workload_hours": {"at_least": 100},
                        }
                    ],
                    "reveal": ["title", "awarding_body"],
                    "keep_days": 30,
                }
            ]
        },
    )

    purpose: Purpose = Field(
        description="What the answer is for, in a sentence the learner reads; or by language, the first for wallets."
    )
    need: list[NeedBody] = Field(
        default=[], description="All of these; each is met by one credential.", max_length=20
    )
    any_of: list[WayBody] = Field(
        default=[], description="And one of these ways, as the learner chooses.", max_length=20
    )
    reveal: list[Annotated[str, Field(max_length=100)]] = Field(
        description="Attributes whose values are to be shown.", max_length=50
    )
    keep_days: int = Field(description="After so many days what was shown is deleted.")
    expires_in: int = Field(default=int(DEFAULT_EXPIRY.total_seconds()), description="Seconds.", le=10**9)
    trust_lists: list[Annotated[str, Field(max_length=2000)]] | None = Field(
        default=None, description="Addresses of the pinned lists to judge by; all of them unless given."
    )
    renewals: int = Field(
        default=0, ge=0, le=3, description="How often the learner may get a fresh link when nobody answered."
    )
    hide_programme: bool = Field(default=False, description="Prove level and hours without the programme.")
    status_max_age: int = Field(
        default=int(DEFAULT_STATUS_AGE.total_seconds()),
        description="Seconds an issuer's newest status list may be old.",
        ge=60,
        le=10**8,
    )
    status_required: bool = Field(default=True, description="Accept only credentials that can be revoked.")

    name_match: Literal["required", "shown"] | None = Field(
        default=None,
        description="Compare the name in the credential with the applicant's: a difference rejects, or is only said.",
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not {"need", "any_of"} & self.model_fields_set:
            raise ValueError("expected need, any_of or both; found neither")
        return self

    def to_domain(self) -> Requirement:
        """The requirement, not yet checked."""
        purposes = self.purpose if isinstance(self.purpose, dict) else {}
        sent = self.model_dump(mode="json", exclude_unset=True, include=set(RequirementBody.model_fields))
        return Requirement(
            digest=digest_multibase(sent),
            purpose=self.purpose if isinstance(self.purpose, str) else next(iter(self.purpose.values())),
            purposes=tuple(purposes.items()),
            ways=tuple(tuple(_need(need) for need in way.all_of) for way in self.any_of),
            name=self.name_match,
            needs=tuple(_need(need) for need in self.need),
            reveal=tuple(self.reveal),
            keep_days=self.keep_days,
            hide_programme=self.hide_programme,
            renewals=self.renewals,
            expires_in=timedelta(seconds=self.expires_in),
            trust_lists=None if self.trust_lists is None else tuple(self.trust_lists),
            policy=Policy(timedelta(seconds=self.status_max_age), self.status_required),
        )


class SessionBody(BaseModel):
    """The job platform's own session in which the learner is asked."""

    model_config = STRICT

    return_url: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="Where she comes back to, with `ujuzi_request` and `ujuzi_code` added to the query."
    )
    reference: Annotated[str, Field(min_length=16, max_length=200)] = Field(
        description="What names this session at the platform and nobody guesses; only its digest is kept."
    )
    must_be_bound: bool = Field(
        default=False, description="Reject an answer by whoever does not come back to the same session."
    )


class ReturnBody(BaseModel):
    """What came back: the code, and the reference of the session in which it arrived."""

    model_config = STRICT

    code: Annotated[str, Field(min_length=1, max_length=200)]
    reference: Annotated[str, Field(min_length=16, max_length=200)]


class BoundBody(BaseModel):
    """Whether it is the session the request was made for."""

    session: Literal["unbound", "bound", "mismatch"]


class AskBody(RequirementBody):
    """A requirement, and who is asked."""

    applicant: ApplicantBody | None = Field(
        default=None, description="Only with name_match, and only to compare."
    )
    session: SessionBody | None = None


class FromTemplateBody(BaseModel):
    """A published template, what goes into its holes, and who is asked."""

    model_config = ConfigDict(extra="forbid")

    template: Annotated[str, Field(max_length=100, pattern=TEMPLATE_REF)]
    parameters: Parameters = {}
    applicant: ApplicantBody | None = None
    session: SessionBody | None = None


def _one_of_two(body: object, _: ValidatorFunctionWrapHandler) -> AskBody | FromTemplateBody:
    kind = FromTemplateBody if isinstance(body, dict) and "template" in body else AskBody
    return kind.model_validate(body)


type Asking = Annotated[AskBody | FromTemplateBody, WrapValidator(_one_of_two)]
"""A requirement as it stands, or a template with its parameters."""


def read_requirement(body: Mapping[str, object]) -> Requirement:
    """The requirement, not yet checked. Raises RequirementInvalid where the form is wrong."""
    try:
        return RequirementBody.model_validate(body).to_domain()
    except ValidationError as error:
        raise RequirementInvalid(
            tuple(
                Fault(".".join(str(part) for part in each["loc"]), each["msg"])
                for each in error.errors(include_input=False)
            )
        ) from error


class PreviewNeedBody(BaseModel):
    """What one credential must meet: everything in one of `one_of`, and all of `and_also`."""

    one_of: list[list[str]]
    and_also: list[str]


class PreviewBody(BaseModel):
    """A requirement in the learner's words; `lines` is the whole of it."""

    language: str
    direction: Literal["ltr", "rtl"]
    purpose: str
    needs: list[PreviewNeedBody]
    ways: list[list[PreviewNeedBody]]
    shown: list[str]
    proven: list[str]
    name: str | None
    kept: str
    lines: list[str]


class StepBody(BaseModel):
    """One of the seven steps."""

    number: int
    name: str
    outcome: Literal["passed", "failed", "unchecked"]
    reason: str
    codes: list[str] = Field(
        default=[], description="The reason for programs; they hold nothing that was shown."
    )
    words: dict[str, str] = Field(
        default={}, description="The reason in a sentence, by language: en, fr, ar."
    )
    evidence: dict[str, str]


class SourceBody(BaseModel):
    """What the verdict rests on. An issuer's objects are named by digest and version alone."""

    kind: Literal["trust_list", "status_list", "did_log"]
    name: str
    version: str = Field(description="A trust list's number, a status list's Unix time, a DID log's version.")
    digest: str
    issued: datetime | None
    checked: datetime | None = Field(description="When it was last fetched and found right.")
    age_seconds: int | None = Field(description="How old that knowledge was at the verdict.")


class VerdictBody(BaseModel):
    """Rejected if a step failed, else undecided if one could not be checked, else accepted."""

    result: Literal["accepted", "rejected", "undecided"]
    summary: str
    words: dict[str, str] = Field(
        default={}, description="The result in a sentence, by language: en, fr, ar."
    )
    steps: list[StepBody]
    knowledge: list[SourceBody] = []
    judged_at: datetime
    name: Literal["match", "differs", "cannot_tell"] | None = Field(
        default=None, description="Only where name_match was asked."
    )
    session: Literal["unbound", "bound", "mismatch"] | None = Field(
        default=None, description="Only where the request was made in a session of the platform."
    )


class DisclosureBody(BaseModel):
    """What was shown for one need."""

    need: int
    values: dict[str, str]


class RefusalBody(BaseModel):
    """Why what a learner showed is kept, in words for her."""

    model_config = STRICT

    because: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_REASON),
        AfterValidator(plain),
    ]


class DeletionBody(BaseModel):
    """The learner's wish that what she showed be deleted. `told`: the answer is on its way to her."""

    state: Literal["asked", "deleted", "refused"]
    asked_at: datetime
    answered_at: datetime | None = None
    because: str | None = None
    told: bool = False


class RequestBody(BaseModel):
    """A request as it stands."""

    id: str
    state: StateName
    purpose: str
    request_url: str
    invitation_url: str
    created_at: datetime
    expires_at: datetime
    warnings: list[str]
    way: int | None = Field(default=None, description="Which of any_of is asked, counted from 0.")
    template: str | None = None
    parameters: dict[str, Any] | None = None
    made_by: str | None = Field(default=None, description="`key:ID` or `member:ID`.")
    verdict: VerdictBody | None = None
    disclosed: list[DisclosureBody] | None = None
    receipt: str | None = None
    keep_until: datetime | None = None
    declined_because: str | None = None
    renews: str | None = Field(
        default=None, description="The request in whose place the learner got this one."
    )
    renewed_by: str | None = None
    deletion: DeletionBody | None = Field(
        default=None, description="Her wish that what she showed be deleted."
    )


class PinBody(BaseModel):
    """A list to trust: where it is, its name as it says itself, and the key its operator signs it with."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=r"^https?://", max_length=2000)]
    operator_key: Annotated[str, Field(pattern=r"^z6Mk[1-9A-HJ-NP-Za-km-z]{40,60}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]


class ReceiptBody(BaseModel):
    """A receipt to be checked."""

    model_config = STRICT

    receipt: Annotated[str, Field(max_length=100_000)]


class CheckedReceiptBody(BaseModel):
    """What a receipt says, once its signature was checked."""

    receipt: dict[str, Any]


class TrustListBody(BaseModel):
    """A pinned list as it was last verified; `id` is its address."""

    id: str
    name: str
    url: str
    operator_key: str
    state: Literal["fresh", "stale", "unreachable", "refused"]
    reason: str | None
    sequence: int | None
    issued: datetime | None
    next_update: datetime | None


def show(request: Request, base_url: str, wish: Wish | None = None) -> RequestBody:
    """The request as the API says it."""
    stated = request.stated
    body = RequestBody(
        id=stated.id,
        state=state_name(request),
        purpose=stated.requirement.purpose,
        request_url=f"{base_url}/r/{stated.id}",
        invitation_url=stated.invitation.url,
        created_at=stated.created_at,
        expires_at=stated.expires_at,
        warnings=list(stated.warnings),
        way=stated.way if stated.requirement.ways else None,
        template=None if stated.template is None else str(stated.template.ref),
        parameters=None if stated.template is None else dict(stated.template.parameters),
    )
    body.renews, body.made_by = stated.renews, stated.made_by
    body.deletion = None if wish is None else show_wish(wish)
    if isinstance(request, (Declined, Expired)):
        body.renewed_by = request.renewed_by
    if isinstance(request, Declined):
        body.declined_because = request.because
    if isinstance(request, Judged):
        body.verdict = VerdictBody(
            result=request.verdict.result.value,
            summary=request.verdict.summary,
            steps=[
                StepBody(
                    number=step.number,
                    name=step.name,
                    outcome=step.outcome.value,
                    reason=step.reason,
                    codes=list(step.codes),
                    words={each: reasons_said(step.codes, each) for each in LANGUAGES if step.codes},
                    evidence=dict(step.evidence),
                )
                for step in request.verdict.steps
            ],
            words={each: said(RESULTS, request.verdict.result.value, each) for each in LANGUAGES},
            knowledge=[_source(each) for each in request.verdict.knowledge],
            judged_at=request.judged_at,
            **request.verdict.notes,
        )
        body.receipt = request.receipt
        body.keep_until = request.keep_until
        if request.disclosed is not None:
            body.disclosed = [
                DisclosureBody(need=each.need, values=dict(each.values)) for each in request.disclosed
            ]
    return body


def show_wish(wish: Wish) -> DeletionBody:
    """A wish as the API says it."""
    told = wish.told_at is not None
    match wish.answer:
        case Deleted(at):
            return DeletionBody(state="deleted", asked_at=wish.asked_at, answered_at=at, told=told)
        case Refused(at, because):
            return DeletionBody(
                state="refused", asked_at=wish.asked_at, answered_at=at, because=because, told=told
            )
        case None:
            return DeletionBody(state="asked", asked_at=wish.asked_at)


def _source(source: Source) -> SourceBody:
    return SourceBody(
        kind=source.kind,
        name=source.name,
        version=source.version,
        digest=source.digest,
        issued=source.issued,
        checked=source.checked,
        age_seconds=None if source.age is None else max(0, int(source.age.total_seconds())),
    )


def _need(body: NeedBody) -> Need:
    own = AskedAlternative(skill=body.skill, level=body.level, workload_hours=body.workload_hours)
    return Need(
        tuple(_alternative(each) for each in body.any_of or (own,)), body.awarded_after, body.not_expired
    )


def _alternative(body: AskedAlternative) -> Alternative:
    return Alternative(
        skill=body.skill,
        level=None if body.level is None else LevelAsked(body.level.framework, body.level.at_least),
        hours=None if body.workload_hours is None else body.workload_hours.at_least,
    )


def show_list(pin: TrustPin, snapshot: Snapshot, now: datetime) -> TrustListBody:
    """A pinned list as the API says it."""
    found = snapshot.trust_list
    return TrustListBody(
        id=pin.url,
        name=pin.name,
        url=pin.url,
        operator_key=pin.operator_key,
        state=snapshot.state(now),
        reason=None if snapshot.problem is None else snapshot.problem.reason,
        sequence=None if found is None else found.sequence,
        issued=None if found is None else found.issued,
        next_update=None if found is None else found.next_update,
    )
