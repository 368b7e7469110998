"""An organisation asks to be listed: what it says, what was checked of it, and the states it goes through.

received → in review ⇄ more asked → proposed → approved, or refused; withdrawn from wherever nothing is decided. A proposal
that the second person turned down leads back to in review.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.trust_registry.domain.evidence import FileFacts
from services.trust_registry.domain.proposal import ProposalState
from services.trust_registry.domain.register import (
    Entity,
    Grant,
    check_countries,
    check_resource,
    checked,
)
from services.trust_registry.errors import (
    ApplicationRefusesAction,
    ControlUnproven,
    EntryRefused,
    ProofNotAsked,
)
from shared.vc.did_control import Challenge, ControlNotProven, check_control, check_still_controls
from shared.vc.trust_list import Level
from shared.vc.webvh import DidHistory

type Wished = Literal["issue", "verify"]
type StateName = Literal[
    "received", "in_review", "more_asked", "proposed", "approved", "refused", "withdrawn"
]
type What = Literal[
    "received",
    "challenged",
    "proven",
    "log_checked",
    "taken_up",
    "asked",
    "answered",
    "proposed",
    "approved",
    "refused",
    "withdrawn",
    "set_aside",
    "forgotten",
]

APPLICANT, SERVICE = "applicant", "service"
"""Actors of a history beside `member:ID` and `key:ID`."""
CHALLENGE_LASTS: Final = timedelta(days=7)
"""Time to find whoever runs the issuer."""
CONTACTS_KEPT: Final = timedelta(days=90)
"""After the end: name, address, answers and the uploaded file are for reaching and knowing her, and no longer."""
UNPROVEN_KEPT: Final = timedelta(days=30)
"""An application that nobody took up and whose DID nobody proved: after its last move it goes as a whole."""
UNDECIDED_KEPT: Final = timedelta(days=180)
"""Without a move by either side; then it counts as withdrawn."""
MOST_WAITING: Final = 1000
"""Applications that nobody took up yet; beyond it no more are received, so that strangers cannot fill the disk."""
LONGEST_TEXT: Final = 2000
_EMAIL: Final = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9+/=:_-]{16,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an applicant asks to be authorised for, in the terms of an authorization."""

    action: Wished
    resources: tuple[str, ...]
    jurisdictions: tuple[str, ...] = ()
    highest_level: Level | None = None

    def grant(self, valid_from: date) -> Grant:
        """The permission that gives just this, from a day on."""
        return Grant(
            action=self.action,
            resources=self.resources,
            valid_from=valid_from,
            jurisdictions=self.jurisdictions,
            highest_level=self.highest_level,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask; deleted a set time after the end."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for the applicant: an address, which nothing here ever opens, and what is to be found there; or a file."""

    url: str | None = None
    digest: str | None = None
    file: FileFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheck:
    """What became of fetching and verifying the DID's log: its `version`, or else the `problem`."""

    at: datetime
    version: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof of control as it was accepted, so that it can be held against a later log."""

    jws: str
    key: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Nobody looked at it yet."""

    name: Literal["received"] = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class InReview:
    """Somebody looks at it."""

    by: str
    name: Literal["in_review"] = "in_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAsked:
    """The applicant has a question to answer."""

    by: str
    question: str
    name: Literal["more_asked"] = "more_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """It waits for a second person: the decision is that of the proposal."""

    by: str
    proposal_id: str
    entity_id: str
    name: Literal["proposed"] = "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """It is on the list under this id."""

    by: str
    entity_id: str
    name: Literal["approved"] = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The authority said no, and why."""

    by: str
    reason: str
    name: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The applicant took it back, or neither side moved for long."""

    by: str
    name: Literal["withdrawn"] = "withdrawn"


type State = Received | InReview | MoreAsked | Proposed | Approved | Refused | Withdrawn
type Undecided = Received | InReview | MoreAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What is known of one now. `changed_at` is its last move; `contact` None once it is forgotten."""

    id: str
    names: Mapping[str, str]
    country: str
    did: str
    wish: Wish
    evidence: Evidence
    log: LogCheck
    created_at: datetime
    changed_at: datetime
    contact: Contact | None
    external_ids: tuple[str, ...] = ()
    state: State = Received()
    challenge: Challenge | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEntry:
    """Who did what when; `text` is the question, the answer or the reason."""

    id: str
    application_id: str
    at: datetime
    actor: str
    what: What
    text: str = ""


def checked_application(application: Application) -> Application:
    """The application, if it says what a review needs. Raises EntryRefused."""
    checked(as_entity(application, entity_id=application.id))
    if not application.did.startswith("did:webvh:"):
        raise EntryRefused(
            f"expected the did:webvh your issuer signs with, found {application.did[:100]!r}: its first page names it"
        )
    wish = application.wish
    if not wish.resources:
        raise EntryRefused("expected at least one resource: '*' for everything")
    for resource in wish.resources:
        check_resource(resource)
    check_countries(wish.jurisdictions)
    if application.contact is None or not _EMAIL.fullmatch(application.contact.email):
        raise EntryRefused("expected an e-mail address at which you can be asked, such as name@example.org")
    return replace(application, evidence=_checked_evidence(application.evidence))


def _checked_evidence(evidence: Evidence) -> Evidence:
    url = evidence.url
    if url is None and evidence.file is None:
        raise EntryRefused("expected evidence: an address that begins with https://, a file, or both")
    if url is not None and not (
        url.startswith("https://") and url.isascii() and url.isprintable() and " " not in url
    ):
        raise EntryRefused(
            f"expected the evidence's address to begin with https://, without spaces, found {url[:100]!r}"
        )
    if evidence.digest is not None and not (url and _DIGEST.fullmatch(evidence.digest)):
        raise EntryRefused("expected the digest of what is at the evidence's address, such as its SHA-256")
    return evidence


def as_entity(application: Application, *, entity_id: str) -> Entity:
    """The organisation it would become."""
    return Entity(
        id=entity_id,
        names=application.names,
        country=application.country,
        dids=(application.did,),
        external_ids=application.external_ids,
    )


def challenged(
    application: Application, *, audience: str, nonce: str, version: str, now: datetime
) -> Application:
    """With a new challenge; one before it counts no more. `version` is the log's. Raises ApplicationRefusesAction."""
    _undecided(application, "proving control")
    expires = (now + CHALLENGE_LASTS).replace(microsecond=0)
    challenge = Challenge(did=application.did, audience=audience, nonce=nonce, expires=expires)
    return replace(application, challenge=challenge, log=LogCheck(at=now, version=version), changed_at=now)


def proven(application: Application, proof: str, history: DidHistory, *, now: datetime) -> Application:
    """With the proof, its challenge being spent. Raises ApplicationRefusesAction, ProofNotAsked, ControlNotProven."""
    _undecided(application, "proving control")
    if application.challenge is None:
        raise ProofNotAsked(
            "expected a challenge that waits for its answer, found none: it was answered already, and each counts "
            "once; draw a new one"
        )
    key = check_control(proof, application.challenge, history, now=now)
    accepted = Proof(jws=proof, key=key, version=history.version_id, at=now)
    return replace(
        application,
        challenge=None,
        proof=accepted,
        log=LogCheck(at=now, version=history.version_id),
        changed_at=now,
    )


def log_checked(application: Application, check: LogCheck) -> Application:
    """With what became of looking at the DID's log again. Raises ApplicationRefusesAction."""
    _undecided(application, "checking")
    return replace(application, log=check)


def taken_up(application: Application, *, by: str, now: datetime) -> Application:
    """In review by somebody; a question that was asked need not be answered. Raises ApplicationRefusesAction."""
    _undecided(application, "reviewing")
    return replace(application, state=InReview(by=by), changed_at=now)


def asked(application: Application, *, by: str, question: str, now: datetime) -> Application:
    """With a question to the applicant. Raises ApplicationRefusesAction."""
    if not isinstance(application.state, InReview):
        raise _refusal(application, "asking", "in review")
    return replace(application, state=MoreAsked(by=by, question=question), changed_at=now)


def answered(application: Application, *, now: datetime) -> Application:
    """Back in review by who asked. Raises ApplicationRefusesAction."""
    if not isinstance(application.state, MoreAsked):
        raise _refusal(application, "answering", "waiting for an answer")
    return replace(application, state=InReview(by=application.state.by), changed_at=now)


def refused(application: Application, *, by: str, reason: str, now: datetime) -> Application:
    """Refused. Raises ApplicationRefusesAction."""
    _undecided(application, "refusing")
    return replace(application, state=Refused(by=by, reason=reason), challenge=None, changed_at=now)


def withdrawn(application: Application, *, by: str, now: datetime) -> Application:
    """Taken back. Raises ApplicationRefusesAction."""
    _undecided(application, "withdrawing")
    return replace(application, state=Withdrawn(by=by), challenge=None, changed_at=now)


def approvable(application: Application, history: DidHistory) -> None:
    """Raises ApplicationRefusesAction, or ControlUnproven: no proof, or none that the log as it is now bears out."""
    if not isinstance(application.state, InReview):
        raise _refusal(application, "approving", "in review")
    if application.proof is None:
        raise ControlUnproven("expected a proof that the applicant holds the DID's key: none was given yet")
    try:
        check_still_controls(application.proof.jws, application.did, history)
    except ControlNotProven as error:
        raise ControlUnproven(
            "the DID's log was changed since control was proven, and the key that proved it is no longer in it: "
            "ask the applicant for a new proof"
        ) from error


def decided(
    application: Application, *, by: str, entity_id: str, proposal_id: str | None, now: datetime
) -> Application:
    """Approved, or proposed to a second person; `approvable` comes first."""
    state: State = (
        Approved(by=by, entity_id=entity_id)
        if proposal_id is None
        else Proposed(by=by, proposal_id=proposal_id, entity_id=entity_id)
    )
    return replace(application, state=state, challenge=None, changed_at=now)


def as_it_stands(application: Application, proposal: ProposalState | None) -> Application:
    """The application, where it was proposed, in the light of what became of the proposal."""
    state = application.state
    if not isinstance(state, Proposed) or proposal in {None, "open"}:
        return application
    if proposal == "approved":
        return replace(application, state=Approved(by=state.by, entity_id=state.entity_id))
    return replace(application, state=InReview(by=state.by))


def forgotten(application: Application) -> Application:
    """Without whom to ask. What is said of the file stays: a copy can be told by its digest."""
    return replace(application, contact=None)


def _undecided(application: Application, verb: str) -> None:
    if not isinstance(application.state, Received | InReview | MoreAsked):
        raise _refusal(application, verb, "not yet decided")


def _refusal(application: Application, verb: str, expected: str) -> ApplicationRefusesAction:
    found = application.state.name.replace("_", " ")
    return ApplicationRefusesAction(
        f"{verb} expects an application that is {expected}, found one that is {found}"
    )
