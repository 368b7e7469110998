"""Errors of the verifier.

UjuziError
└── VerifierError
    ├── RequirementInvalid      a requirement cannot be asked as stated; names every field that is wrong
    ├── RequestUnknown          no request has this id
    ├── RequestFinished         the request has its answer or its end; nothing more can be done with it
    ├── RequestSealed           what is kept of a request was sealed with another key, or is of another request
    ├── NoWish                  the learner has not asked for deletion
    ├── WayUnknown              the requirement offers no such way to choose
    ├── NotRenewable            the learner may not ask for a fresh link herself
    ├── TemplateUnknown         no template has this id and version
    ├── TemplateFixed           the template's state does not allow it: a published version never changes, a draft is not asked
    ├── SessionUnknown          the request belongs to no session of the job platform, or has nowhere to return to
    ├── BoundElsewhere          another browser opened the request first
    ├── ReturnCodeWrong         a return code that was not given out for this request, was used, or is too old
    ├── TrustListUnknown        no list is pinned at this address
    ├── NotAPresentation        what arrived does not have a presentation's shape
    ├── NoChecks                a verdict was asked for without a single check
    ├── JudgingWaits            a host or list the verdict needs is away; the answer is judged when it is back
    └── AgentTrouble            the agent cannot be reached or refuses; try again later
"""

from dataclasses import dataclass

from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable


class VerifierError(UjuziError):
    """Base class of the verifier's errors."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a requirement: where, and what was expected, found and to do."""

    where: str
    what: str


class RequirementInvalid(VerifierError):
    """A requirement cannot be asked as stated."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """`faults` is not empty."""
        super().__init__("; ".join(f"{fault.where}: {fault.what}" for fault in faults))
        self.faults = faults


class RequestUnknown(VerifierError):
    """No request has this id."""


class RequestFinished(VerifierError):
    """The request has its answer or its end."""


class RequestSealed(VerifierError):
    """What is kept of a request cannot be opened: another secret key, or another request's row."""


class NoWish(VerifierError):
    """The learner has not asked for deletion."""


class WayUnknown(VerifierError):
    """The requirement offers no such way to choose."""


class NotRenewable(VerifierError):
    """The learner may not ask for a fresh link herself."""


class TemplateUnknown(VerifierError):
    """No template has this id and version."""


class TemplateFixed(VerifierError):
    """The template's state does not allow it: a published version never changes, and only a published one is asked."""


class SessionUnknown(VerifierError):
    """The request belongs to no session of the job platform, or has nowhere to return to."""


class BoundElsewhere(VerifierError):
    """Another browser opened the request first."""


class ReturnCodeWrong(VerifierError):
    """A return code that was not given out for this request, was used, or is too old."""


class TrustListUnknown(VerifierError):
    """No list is pinned at this address."""


class NotAPresentation(VerifierError):
    """What arrived does not have the shape of an AnonCreds presentation."""


class NoChecks(VerifierError):
    """A verdict needs checks: an empty list is an error, never acceptance."""


class JudgingWaits(VerifierError, Unavailable):
    """A host or list the verdict needs is away: the answer is stored and judged again soon."""

    part = "what the answer is judged by"
    stored = "The answer is stored, and judged when it is back."


class AgentTrouble(VerifierError, Unavailable):
    """The agent cannot be reached or refuses."""

    part = "the agent"
