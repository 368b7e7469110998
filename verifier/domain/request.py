"""A request's life.

Every state is a type, every transition a function from one to the next:

created ── asked ── answered ── judged ── (after keep_days) judged without claims
   └───────┴── declined | expired | withdrawn
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from shared.vc.achievement import Edition
from verifier.domain.facts import Facts, ShownEdition, Untrue
from verifier.domain.judge import AskedFor
from verifier.domain.names import Applicant
from verifier.domain.question import Question, referent
from verifier.domain.requirement import ACHIEVEMENT, AWARDING_BODY, Requirement, ways_of
from verifier.domain.session import RETURN_WAITS, SessionAsked
from verifier.domain.template import UsedTemplate
from verifier.domain.verdict import Result, Verdict
from verifier.errors import RequestFinished, WayUnknown

JUDGING_WAITS = timedelta(minutes=2)
"""How long a host or list that is away is waited for, before an answer is undecided because of it."""


@dataclass(frozen=True)
class Invitation:
    """How a learner reaches us about one request; `key` is the recipient key as the invitation writes it."""

    url: str
    message_id: str
    key: str


@dataclass(frozen=True)
class Stated:
    """What every state of a request knows."""

    id: str
    requirement: Requirement
    invitation: Invitation
    created_at: datetime
    expires_at: datetime
    warnings: tuple[str, ...] = ()
    way: int = 0
    """Which of the requirement's ways the learner chose; the first unless she did."""
    template: UsedTemplate | None = None
    applicant: Applicant | None = None
    """Whose name is compared; None once it is deleted with what she showed."""
    renews: str | None = None
    """The request this one was made in place of, by the learner."""
    session: SessionAsked | None = None
    made_by: str | None = None
    """Who made it, `key:ID` or `member:ID`; None where the learner asked again herself, and in what an earlier version stored."""
    trace: str | None = None
    """The trace in which it was made, as `traceparent`: what becomes of it goes on in that one."""


@dataclass(frozen=True)
class Sought:
    """Which requests to look for: those of which everything given here is true."""

    state: "StateName | None" = None
    result: Result | None = None
    template_id: str | None = None


@dataclass(frozen=True)
class Exchange:
    """The agent's record of the proof exchange."""

    id: str
    connection_id: str
    thread_id: str


@dataclass(frozen=True)
class Created:
    """Nobody has answered the invitation yet."""

    stated: Stated


@dataclass(frozen=True)
class Asked:
    """The request was sent to whoever took the invitation up."""

    stated: Stated
    question: Question
    exchange: Exchange
    request_digest: str
    asked_at: datetime


@dataclass(frozen=True)
class Answered:
    """A presentation arrived; `answer_digest` recognises the same one sent to another request.

    `judging_since` is when it was first tried to judge it; None in what an earlier version stored.
    """

    asked: Asked
    received_at: datetime
    answer_digest: str
    judging_since: datetime | None = None

    def may_wait(self, now: datetime) -> bool:
        """Whether what is away may still be waited for before the verdict."""
        return now < (self.judging_since or self.received_at) + JUDGING_WAITS

    def may_return(self, now: datetime) -> bool:
        """Whether the learner may still come back to the session she must be bound to, before the verdict."""
        session = self.stated.session
        return session is not None and session.must_be_bound and now < self.received_at + RETURN_WAITS

    @property
    def stated(self) -> Stated:
        """What every state knows."""
        return self.asked.stated


@dataclass(frozen=True)
class Disclosure:
    """The values asked for and shown, for the need at this index."""

    need: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Judged:
    """There is a verdict. `disclosed` is None once the learner's values were deleted."""

    answered: Answered
    verdict: Verdict
    disclosed: tuple[Disclosure, ...] | None
    receipt: str
    judged_at: datetime
    keep_until: datetime

    @property
    def stated(self) -> Stated:
        """What every state knows."""
        return self.answered.stated


@dataclass(frozen=True)
class Declined:
    """The learner said no; `because` is their word, if any."""

    stated: Stated
    because: str
    at: datetime
    exchange: Exchange | None = None
    renewed_by: str | None = None


@dataclass(frozen=True)
class Expired:
    """Nobody answered in time."""

    stated: Stated
    at: datetime
    exchange: Exchange | None = None
    renewed_by: str | None = None


@dataclass(frozen=True)
class Withdrawn:
    """The job platform took the request back."""

    stated: Stated
    at: datetime
    exchange: Exchange | None = None


type Open = Created | Asked
type Request = Created | Asked | Answered | Judged | Declined | Expired | Withdrawn
type StateName = Literal["created", "asked", "answered", "judged", "declined", "expired", "withdrawn"]

STATES: Mapping[type, StateName] = {
    Created: "created",
    Asked: "asked",
    Answered: "answered",
    Judged: "judged",
    Declined: "declined",
    Expired: "expired",
    Withdrawn: "withdrawn",
}
FINAL = (Judged, Declined, Expired, Withdrawn)


def state_name(request: Request) -> StateName:
    """The state as the API says it."""
    return STATES[type(request)]


def exchange_of(request: Request) -> Exchange | None:
    """The proof exchange, where there was one."""
    match request:
        case Created():
            return None
        case Asked():
            return request.exchange
        case Answered():
            return request.asked.exchange
        case Judged():
            return request.answered.asked.exchange
        case Declined() | Expired() | Withdrawn():
            return request.exchange


def ask(
    created: Created, question: Question, exchange: Exchange, *, request_digest: str, now: datetime
) -> Asked:
    """The request was sent in this exchange."""
    return Asked(created.stated, question, exchange, request_digest, now)


def choose(request: Request, way: int) -> Created:
    """The learner chose a way to answer. Raises WayUnknown, and RequestFinished once a wallet has opened the request."""
    if not isinstance(request, Created):
        raise RequestFinished(
            f"the request is {state_name(request)}: a way is chosen before a wallet opens it"
        )
    ways = len(ways_of(request.stated.requirement))
    if not 0 <= way < ways:
        raise WayUnknown(f"the request can be answered in {ways} ways, counted from 0: there is no way {way}")
    return Created(replace(request.stated, way=way))


def answer(asked: Asked, *, received_at: datetime, answer_digest: str, now: datetime) -> Answered:
    """A presentation arrived."""
    return Answered(asked, received_at, answer_digest, now)


def settle(
    answered: Answered, verdict: Verdict, disclosed: Sequence[Disclosure], receipt: str, *, now: datetime
) -> Judged:
    """The presentation was judged; what was disclosed is kept for the days the learner was told."""
    keep = timedelta(days=answered.stated.requirement.keep_days)
    return Judged(answered, verdict, tuple(disclosed), receipt, now, now + keep)


def forget(judged: Judged) -> Judged:
    """The same verdict with nothing left of what the learner showed, nor of the name it was compared with."""
    asked = replace(judged.answered.asked, stated=_nameless(judged.stated))
    return replace(
        judged,
        answered=replace(judged.answered, asked=asked),
        disclosed=None,
        verdict=judged.verdict.without_claims(),
    )


def erase(request: Request) -> Judged:
    """What was shown is deleted before its days are over. Raises RequestFinished where there is no verdict yet."""
    if not isinstance(request, Judged):
        raise RequestFinished(
            f"the request is {state_name(request)}: what was shown is kept, and can be deleted, once there is a verdict"
        )
    return request if request.disclosed is None else forget(request)


def fits(request: Request, sought: Sought) -> bool:
    """Whether this is one of those looked for."""
    used = request.stated.template
    return (
        sought.state in {None, state_name(request)}
        and sought.template_id in {None, None if used is None else used.ref.id}
        and (
            sought.result is None or (isinstance(request, Judged) and request.verdict.result is sought.result)
        )
    )


def without_claims(request: Request) -> Request:
    """The request with nothing of what the learner showed, nor of the name it is compared with."""
    match request:
        case Judged():
            return forget(request)
        case Answered():
            return replace(request, asked=replace(request.asked, stated=_nameless(request.stated)))
        case _:
            return replace(request, stated=_nameless(request.stated))


def _nameless(stated: Stated) -> Stated:
    return replace(stated, applicant=None)


def decline(request: Open, because: str, *, now: datetime) -> Declined:
    """The learner declined."""
    return Declined(_nameless(request.stated), because, now, exchange_of(request))


def expire(request: Open, *, now: datetime) -> Expired:
    """Nobody answered in time."""
    return Expired(_nameless(request.stated), now, exchange_of(request))


def withdraw(request: Request, *, now: datetime) -> Withdrawn:
    """The job platform takes the request back. Raises RequestFinished where there is something to judge or judged."""
    if isinstance(request, Withdrawn):
        return request
    if not isinstance(request, (Created, Asked)):
        raise RequestFinished(f"the request is {state_name(request)}: only one that waits can be withdrawn")
    return Withdrawn(_nameless(request.stated), now, exchange_of(request))


def renewable(request: Request) -> bool:
    """Whether the learner may ask for a fresh link: nobody answered, the platform allowed it, and it is bound to nothing else.

    A name that is compared is deleted with the request's end, and a session leads back to the platform: both ask there.
    """
    stated = request.stated
    return (
        isinstance(request, (Expired, Declined))
        and request.renewed_by is None
        and stated.requirement.renewals > 0
        and stated.requirement.name is None
        and stated.session is None
    )


def renewed(request: Expired | Declined, new_id: str) -> Expired | Declined:
    """There is another request in its place."""
    return replace(request, renewed_by=new_id)


def asked_for(asked: Asked) -> AskedFor:
    """What the judgement needs to know of the asking."""
    return AskedFor(
        question=asked.question,
        policy=asked.stated.requirement.policy,
        request_digest=asked.request_digest,
        exchange_id=asked.exchange.id,
        connection_id=asked.exchange.connection_id,
        thread_id=asked.exchange.thread_id,
        asked_at=asked.asked_at,
        expires_at=asked.stated.expires_at,
        ways=ways_of(asked.stated.requirement),
        name=asked.stated.requirement.name,
        applicant=asked.stated.applicant,
        session=asked.stated.session,
    )


def disclosed(asked: Asked, facts: Facts, verdict: Verdict) -> tuple[Disclosure, ...]:
    """Only the values the requirement asked to reveal; what was shown for trust alone is judged and not kept.

    Nothing of an answer whose proof does not hold, or was not made for this request: those are no facts.
    """
    presentation = facts.presentation
    if isinstance(presentation, Untrue) or not verdict.is_proven:
        return ()
    found = []
    for index, _ in enumerate(asked.question.needs):
        group = presentation.revealed.get(referent(index))
        if group is None:
            continue
        shown = {name: value.raw for name, value in group.values.items() if value.is_what_was_signed}
        values = {name: shown[name] for name in asked.stated.requirement.reveal if name in shown}
        if AWARDING_BODY in asked.stated.requirement.reveal:
            edition = _edition(shown.get(ACHIEVEMENT), facts)
            values[AWARDING_BODY] = (
                shown.get("awarding_body_id", "") if edition is None else edition.awarding_body
            )
        found.append(Disclosure(index, values))
    return tuple(found)


def _edition(achievement: str | None, facts: Facts) -> Edition | None:
    shown = facts.editions.get(achievement or "")
    return shown.edition if isinstance(shown, ShownEdition) else None
