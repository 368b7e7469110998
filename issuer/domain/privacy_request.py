"""What somebody asks about her own data: to see all that is held on her, or to have it erased.

taken → checked → answered. Nothing is shown to her or erased before an officer has made sure who she is; a request that finds
nothing, or whose sender cannot be told from somebody else, is answered without that. The row keeps no name and no address: it
names awards by their ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from issuer.domain.reissue import IdentityCheck
from issuer.errors import PrivacyRequestRefusesAction

ANSWERED_WITHIN: Final = timedelta(days=30)
"""Laws on data protection ask for a month; the shortest one has 28 days, so an officer is reminded of 30 at most."""


class RequestKind(StrEnum):
    """What is asked for."""

    ACCESS = "access"
    ERASURE = "erasure"


class Outcome(StrEnum):
    """How it was answered."""

    GIVEN = "given"
    ERASED = "erased"
    NOTHING_HELD = "nothing_held"
    REFUSED = "refused"


class Remains(StrEnum):
    """What is not erased, and why: each has its words at the edge."""

    CREDENTIAL = "credential"
    AWARD_RECORD = "award_record"
    STATUS_LIST = "status_list"
    RECORD_OF_DEEDS = "record_of_deeds"
    FIGURES = "figures"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Sought:
    """By what somebody is found: an e-mail address, a telephone number, or an award together with the name on it."""

    email: str = ""
    phone: str = ""
    award_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`by` is who answered, as the audit log names him; `removed` says how many of what went."""

    outcome: Outcome
    reason: str
    removed: Mapping[str, int]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """`number` counts an organisation's requests from 1. `awards` are those found; once checked, those that are hers."""

    id: UUID
    organisation: str
    number: int
    kind: RequestKind
    awards: tuple[UUID, ...]
    asked_at: datetime
    taken_by: str
    check: IdentityCheck | None = None
    answer: Answer | None = None

    @property
    def due_on(self) -> date:
        """The last day for an answer."""
        return (self.asked_at + ANSWERED_WITHIN).date()

    @property
    def state_name(self) -> str:
        """As the API and the screens call it."""
        return "answered" if self.answer else "checked" if self.check else "taken"


def checked(request: PrivacyRequest, awards: Sequence[UUID], check: IdentityCheck) -> PrivacyRequest:
    """An officer made sure who asks, and which of the awards found are hers: an address may be shared by several people."""
    _open(request)
    strangers = [str(award) for award in awards if award not in request.awards]
    if strangers or not awards:
        raise PrivacyRequestRefusesAction(
            "Expected at least one of the awards this request found"
            + (f"; {', '.join(strangers)} is none of them." if strangers else ", none was named.")
            + " If none is hers, answer with nothing_held."
        )
    return replace(request, awards=tuple(dict.fromkeys(awards)), check=check)


def answered(
    request: PrivacyRequest,
    outcome: Outcome,
    *,
    reason: str = "",
    removed: Mapping[str, int] | None = None,
    by: str,
    now: datetime,
) -> PrivacyRequest:
    """It is over. Given and erased only after a check and as was asked; refused only with a reason."""
    _open(request)
    wanted = {RequestKind.ACCESS: Outcome.GIVEN, RequestKind.ERASURE: Outcome.ERASED}[request.kind]
    if outcome in {Outcome.GIVEN, Outcome.ERASED}:
        if outcome is not wanted:
            raise PrivacyRequestRefusesAction(
                f"This is a request for {request.kind}: its answer is {wanted}, nothing_held or refused, not {outcome}."
            )
        require_check(request)
    if outcome is Outcome.REFUSED and not reason:
        raise PrivacyRequestRefusesAction(
            "A refusal needs a reason: she may complain about it to the authority."
        )
    return replace(request, answer=Answer(outcome, reason, dict(removed or {}), by, now))


def require_check(request: PrivacyRequest) -> None:
    """Raises PrivacyRequestRefusesAction before anybody made sure who asks."""
    if request.check is None:
        raise PrivacyRequestRefusesAction(
            "Nobody has checked yet who asks. Check her identity and record how, then do this: what is held on one "
            "person must not get to another."
        )


def _open(request: PrivacyRequest) -> None:
    if request.answer is not None:
        raise PrivacyRequestRefusesAction(
            f"Request {request.number} was answered already ({request.answer.outcome}). Take a new one if she asks again."
        )


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of a spreadsheet that is still kept; `cells` by column."""

    batch_id: UUID
    row: int
    cells: Mapping[str, str] = field(default_factory=dict)
