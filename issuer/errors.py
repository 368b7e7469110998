"""What the issuer refuses, and why.

IssuerError
├── NotThere
│   ├── OrganisationUnknown
│   ├── TemplateUnknown
│   ├── BatchUnknown
│   ├── RowUnknown
│   ├── AwardUnknown
│   ├── OrderUnknown
│   ├── ClaimLinkUnknown
│   ├── QuestionUnknown
│   ├── PrivacyRequestUnknown
│   ├── LogoUnknown
│   └── MessageUnknown
├── Conflict
│   ├── OrganisationExists
│   ├── OrganisationAdministered
│   ├── TemplateNotPublished
│   ├── TemplateAlreadyPublished
│   ├── TemplateApproved
│   ├── TemplateRetired
│   ├── TemplateChanged
│   ├── NewerEditionExists
│   ├── NoSecondPerson
│   ├── ClaimAlreadyUsed
│   ├── AwardRefusesAction
│   ├── QuestionRefusesAction
│   ├── ReissueLimitReached
│   ├── AwardChanged
│   ├── BatchRefusesAction
│   ├── SecondPersonAsked
│   ├── ClaimLinkOver
│   ├── NothingToSendBy
│   ├── PrivacyRequestRefusesAction
│   ├── OrganisationIsClosed
│   └── SecondWayMissing
├── TemplateInvalid
├── TemplateIncomplete
├── BatchRefused
├── AwardValuesRefused
├── SkillsFileRefused
├── MonthsRefused
├── ClaimCodeWrong
├── NotReady
├── OrganisationSuspended
├── ProfileRefused
├── WordingRefused
├── LogoRefused
├── BounceUnreadable
├── AgentTrouble
│   ├── AgentSilent
│   └── AgentRefuses
│       └── UnknownToAgent
└── NotDelivered
    ├── ChannelAway
    ├── NotNow
    ├── AddressRefused
    └── MessageRefused
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault of a spreadsheet: where it is, what was found, what is wrong and what to do.

    `row` counts as the spreadsheet does, the header being row 1; 0 speaks of the file as a whole.
    """

    row: int
    column: str
    found: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a field of a form, in a whole sentence that says what to do."""

    where: str
    what: str


class IssuerError(UjuziError):
    """Base of everything the issuer refuses."""


class NotThere(IssuerError):
    """Nothing here by that name."""


class OrganisationUnknown(NotThere):
    """No organisation has this slug."""


class TemplateUnknown(NotThere):
    """No template has this id."""


class BatchUnknown(NotThere):
    """No batch has this id."""


class RowUnknown(NotThere):
    """The batch keeps no such row: the file has none, or what was kept of it is deleted."""


class AwardUnknown(NotThere):
    """No award has this id."""


class OrderUnknown(NotThere):
    """No order to revoke many awards has this id, or not any more."""


class QuestionUnknown(NotThere):
    """Nobody asked anything about an award of this id in this organisation."""


class ClaimLinkUnknown(NotThere):
    """No award waits behind this link."""


class PrivacyRequestUnknown(NotThere):
    """No request about somebody's data has this id."""


class MessageUnknown(NotThere):
    """No message has this id."""


class LogoUnknown(NotThere):
    """No logo has this content."""


class Conflict(IssuerError):
    """The thing exists, but its state does not allow this."""


class OrganisationExists(Conflict):
    """An organisation has this slug already."""


class OrganisationAdministered(Conflict):
    """The organisation has an administrator of its own, who lets others in."""


class TemplateNotPublished(Conflict):
    """A batch needs a published template."""


class TemplateAlreadyPublished(Conflict):
    """A published template never changes."""


class TemplateApproved(Conflict):
    """An approved template is changed as a draft only."""


class TemplateRetired(Conflict):
    """A retired edition takes no new cohorts."""


class TemplateChanged(Conflict):
    """Someone else changed the template in the meantime; read it again."""


class NewerEditionExists(Conflict):
    """An edition that has a successor gets no second one."""


class NoSecondPerson(Conflict):
    """The organisation asks for a second person, and this is the first."""


class ClaimAlreadyUsed(Conflict):
    """The award behind this link is issued, or no longer given."""


class QuestionRefusesAction(Conflict):
    """The question is settled, waits for an answer, or its thread is full."""


class AwardRefusesAction(Conflict):
    """The award's state does not allow what was asked."""


class ReissueLimitReached(Conflict):
    """The award was issued again as often as an officer may."""


class AwardChanged(Conflict):
    """Someone else changed the award in the meantime; read it again."""


class BatchCause(StrEnum):
    """Why a batch refuses what was asked."""

    CHANGED = "changed"
    """Since whoever asks looked at it."""
    NOT_A_DRAFT = "not_a_draft"
    AWARDED = "awarded"
    """The row is an award already."""
    CLOSED = "closed"
    """Its rows cannot be changed at the moment."""
    WAITS_ALREADY = "waits_already"
    NOBODY_WAITS = "nobody_waits"
    NO_GOOD_ROW = "no_good_row"
    NEW_DUPLICATES = "new_duplicates"


class BatchRefusesAction(Conflict):
    """The state of the batch, or of its row, does not allow what was asked."""

    def __init__(self, cause: BatchCause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class SecondPersonAsked(Conflict):
    """The organisation asks for a second person, so nobody can award in one call."""


class ClaimLinkOver(Conflict):
    """The last day of the link is over; the award itself still waits."""


class NothingToSendBy(Conflict):
    """Neither a mail server nor an SMS gateway is set up."""


class PrivacyRequestRefusesAction(Conflict):
    """A request about somebody's data is answered already, or nobody has checked who asks."""


class OrganisationIsClosed(Conflict):
    """The organisation was closed for good, or its lists cannot be its last ones yet."""


class SecondWayMissing(Conflict):
    """Only one way reaches the graduate, and nobody chose what is to become of the code."""


class TemplateInvalid(IssuerError):
    """A template says something that cannot be; `element` names what, as Annex I or the profile calls it."""

    def __init__(self, message: str, *, element: str = "") -> None:
        super().__init__(message)
        self.element = element


class TemplateIncomplete(IssuerError):
    """A template lacks elements that Annex I makes mandatory."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"The template cannot be published: it lacks {', '.join(missing)}. Add each, then publish."
        )
        self.missing = tuple(missing)


class BatchRefused(IssuerError):
    """The spreadsheet has faults, and nobody said that its good rows should go ahead without the bad ones."""

    def __init__(self, message: str, complaints: Sequence[Complaint]) -> None:
        super().__init__(message)
        self.complaints = tuple(complaints)


class AwardValuesRefused(IssuerError):
    """The corrected values of an award are not right."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("The corrected values cannot be used: " + " ".join(c.problem for c in complaints))
        self.complaints = tuple(complaints)


class SkillsFileRefused(IssuerError):
    """A file is not ESCO's of skills, or older than what is here."""


class MonthsRefused(IssuerError):
    """Figures are asked of months that make no row, or of too many at once."""


class ClaimCodeWrong(IssuerError):
    """The one-time code is missing or wrong, or was tried too often."""


class NotReady(IssuerError):
    """The organisation's credential definition is still being made."""


class OrganisationSuspended(IssuerError):
    """The operator suspended the organisation: nobody acts for it, and nobody claims."""


class ProfileRefused(IssuerError):
    """What an organisation wants to show of itself cannot be shown so."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "The organisation cannot be shown so: " + " ".join(f"{f.where}: {f.what}" for f in faults)
        )
        self.faults = tuple(faults)


class WordingRefused(IssuerError):
    """An organisation's own words for a message cannot be sent."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("These words cannot be sent: " + " ".join(f"{f.where}: {f.what}" for f in faults))
        self.faults = tuple(faults)


class LogoRefused(IssuerError):
    """The file is no picture that can be shown as a logo."""


class BounceUnreadable(IssuerError):
    """What was brought is no delivery status notification about a message from here."""


class AgentTrouble(IssuerError):
    """The DIDComm agent could not do what was asked."""


class AgentSilent(AgentTrouble, Unavailable):
    """The agent did not answer; trying again is safe."""

    part = "the agent"


class AgentRefuses(AgentTrouble):
    """The agent answered that it will not."""


class UnknownToAgent(AgentRefuses):
    """The agent has no such record."""


class NotDelivered(IssuerError):
    """A message was not taken. The text says why and names no address."""


class ChannelAway(NotDelivered):
    """The mail server or gateway does not answer, or does not let us in; that says nothing of the message."""


class NotNow(NotDelivered):
    """The message is refused for now: try again later."""


class AddressRefused(NotDelivered):
    """The address takes no messages, now or later."""


class MessageRefused(NotDelivered):
    """The message is refused for good, whatever the address."""
