"""Applications as the API reads and shows them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Base64Bytes, BaseModel, Field

from services.trust_registry.domain.application import (
    LONGEST_TEXT,
    Application,
    ApplicationEntry,
    Approved,
    Contact,
    LogCheck,
    Proposed,
    StateName,
    What,
    Wish,
    Wished,
)
from services.trust_registry.domain.evidence import LARGEST_FILE, FileFacts
from services.trust_registry.entry.shapes import GrantBody, Language, LevelBody, Strict, Text, Uri
from services.trust_registry.use_cases.submit_application import Submitted
from shared.vc.did_control import LONGEST_PROOF, Challenge
from shared.vc.trust_list import Level

Longer = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class WishBody(Strict):
    """What the applicant asks for, in the terms of an authorization."""

    action: Wished
    resources: list[Uri] = Field(min_length=1, max_length=500)
    jurisdictions: list[Text] = Field(default_factory=list, max_length=250)
    highest_level: LevelBody | None = None

    def wish(self) -> Wish:
        """The same for the domain."""
        limit = self.highest_level
        return Wish(
            action=self.action,
            resources=tuple(self.resources),
            jurisdictions=tuple(self.jurisdictions),
            highest_level=None if limit is None else Level(framework=limit.framework, level=limit.level),
        )

    @classmethod
    def of(cls, wish: Wish) -> Self:
        """The same from the domain."""
        limit = wish.highest_level
        return cls(
            action=wish.action,
            resources=list(wish.resources),
            jurisdictions=list(wish.jurisdictions),
            highest_level=None if limit is None else LevelBody(framework=limit.framework, level=limit.level),
        )


class ApplicationEvidenceBody(Strict):
    """An address and the digest of what is there, a file (PDF, PNG or JPEG, 2 MiB at most, in base64), or both."""

    url: Uri | None = None
    digest: Text | None = None
    file: Base64Bytes | None = Field(default=None, max_length=LARGEST_FILE * 3 // 2)


class ContactBody(Strict):
    """Whom to ask; deleted 90 days after the end."""

    name: Text
    email: Text


class ApplicationBody(Strict):
    """An organisation that asks to be listed. `did` is the did:webvh it signs with."""

    names: dict[Language, Text] = Field(min_length=1, max_length=50)
    country: Text
    did: Uri
    external_ids: list[Uri] = Field(default_factory=list, max_length=20)
    wish: WishBody
    evidence: ApplicationEvidenceBody
    contact: ContactBody

    def submitted(self) -> Submitted:
        """The same for the domain."""
        return Submitted(
            names=dict(self.names),
            country=self.country,
            did=self.did,
            external_ids=tuple(self.external_ids),
            wish=self.wish.wish(),
            url=self.evidence.url,
            digest=self.evidence.digest,
            file=self.evidence.file,
            contact=Contact(name=self.contact.name, email=self.contact.email),
        )


class ProofBody(Strict):
    """A compact JWS over the challenge: what `POST /v1/keys/prove` answers with as `proof`."""

    proof: Annotated[str, Field(min_length=1, max_length=LONGEST_PROOF)]


class TextBody(Strict):
    """A question or an answer."""

    text: Longer


class RefusalBody(Strict):
    """Why; the applicant reads it."""

    reason: Longer


class ApprovalBody(Strict):
    """The permission to give, which may be less than was asked for, and why; the reason stays in the history."""

    reason: Text
    authorization: GrantBody


class ChallengeShown(BaseModel):
    """What the applicant's issuer is to sign, as the body of its `POST /v1/keys/prove`."""

    did: str
    audience: str
    nonce: str
    expires: datetime

    @classmethod
    def of(cls, challenge: Challenge) -> Self:
        """As the API shows it."""
        return cls(
            did=challenge.did,
            audience=challenge.audience,
            nonce=challenge.nonce,
            expires=challenge.expires,
        )


class FileShown(BaseModel):
    """A file that was brought. `sha256` in base64url."""

    media_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, facts: FileFacts) -> Self:
        """As the API shows it."""
        return cls(media_type=facts.media_type, size=facts.size, sha256=facts.sha256)


class EvidenceShown(BaseModel):
    """What speaks for the applicant. Nothing here opened the address."""

    url: str | None
    digest: str | None
    file: FileShown | None


class LogShown(BaseModel):
    """What became of fetching and verifying the DID's log last: its `version`, or the `problem`."""

    verified: bool
    at: datetime
    version: str | None
    problem: str | None

    @classmethod
    def of(cls, check: LogCheck) -> Self:
        """As the API shows it."""
        return cls(
            verified=check.version is not None, at=check.at, version=check.version, problem=check.problem
        )


class EntryShown(BaseModel):
    """Who did what when: `applicant`, `service`, `member:ID` or `key:ID`."""

    at: datetime
    actor: str
    what: What
    text: str

    @classmethod
    def of(cls, entry: ApplicationEntry) -> Self:
        """As the API shows it."""
        return cls(at=entry.at, actor=entry.actor, what=entry.what, text=entry.text)


class ApplicationShown(BaseModel):
    """An application as it stands. `contact` is null once it was deleted; `entity_id` and `proposal_id` come with a decision."""

    id: str
    state: StateName
    names: dict[str, str]
    country: str
    did: str
    external_ids: list[str]
    wish: WishBody
    evidence: EvidenceShown
    contact: ContactBody | None
    log: LogShown
    control_proven: bool
    control_proven_at: datetime | None
    control_proven_by: str | None
    challenge: ChallengeShown | None
    created_at: datetime
    changed_at: datetime
    entity_id: str | None
    proposal_id: str | None

    @classmethod
    def of(cls, application: Application) -> Self:
        """As the API shows it."""
        evidence, contact, state = application.evidence, application.contact, application.state
        return cls(
            id=application.id,
            state=state.name,
            names=dict(application.names),
            country=application.country,
            did=application.did,
            external_ids=list(application.external_ids),
            wish=WishBody.of(application.wish),
            evidence=EvidenceShown(
                url=evidence.url,
                digest=evidence.digest,
                file=FileShown.of(evidence.file) if evidence.file else None,
            ),
            contact=ContactBody(name=contact.name, email=contact.email) if contact else None,
            log=LogShown.of(application.log),
            control_proven=application.proof is not None,
            control_proven_at=application.proof.at if application.proof else None,
            control_proven_by=application.proof.key if application.proof else None,
            challenge=ChallengeShown.of(application.challenge) if application.challenge else None,
            created_at=application.created_at,
            changed_at=application.changed_at,
            entity_id=state.entity_id if isinstance(state, Proposed | Approved) else None,
            proposal_id=state.proposal_id if isinstance(state, Proposed) else None,
        )


class WholeApplicationShown(ApplicationShown):
    """The same with its history, oldest first."""

    history: list[EntryShown]


class SubmittedShown(BaseModel):
    """The application, and the one time that its token and link are told."""

    application: ApplicationShown
    token: str
    link: str
