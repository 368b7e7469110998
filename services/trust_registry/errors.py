"""What the trust registry refuses.

RegistryError
├── NotThere
│   ├── EntityUnknown
│   ├── AuthorizationUnknown
│   ├── ListUnknown        another list, or a number that was never issued
│   ├── AuthorityUnknown   a query about another authority
│   ├── ProposalUnknown
│   └── ApplicationUnknown
├── EntryRefused           an entity or authorization that says something it must not
├── DidTaken               a DID already stands for another organisation
├── ChangeRefused          a status that cannot follow the present one
├── ChangedMeanwhile       somebody else changed the same thing at the same time
├── FourEyesRequired       one person alone changes what takes two
├── SelfApproval           who proposed it approves it
├── NotTheProposer         somebody else takes a proposal back
├── ProposalDecided        approved, rejected or withdrawn already
├── ListsFaulty            past lists in the database are not as they were signed
├── ProposalStale          what it changes was changed since
├── ApplicationRefusesAction  its state does not allow what is asked
├── ApplicationsFull       more wait for a reviewer than are received
├── ControlUnproven        nobody proved to hold the DID's key, or not any more
├── DidLogUnchecked        the DID's log cannot be fetched, or does not verify
├── EvidenceRefused        a file that is none of the kinds taken, or too large
└── ProofNotAsked          a proof for which no challenge waits: each counts once
"""

from shared.contracts.errors import UjuziError


class RegistryError(UjuziError):
    """Base class of the trust registry's errors."""


class NotThere(RegistryError):
    """There is nothing under that name here."""


class EntityUnknown(NotThere):
    """No organisation has that id."""


class AuthorizationUnknown(NotThere):
    """No authorization has that id."""


class ListUnknown(NotThere):
    """Another list, or a number that was never issued."""


class AuthorityUnknown(NotThere):
    """A query about an authority this registry does not speak for."""


class EntryRefused(RegistryError):
    """An entity or authorization that says something it must not."""


class DidTaken(RegistryError):
    """A DID already stands for another organisation."""


class ChangeRefused(RegistryError):
    """A status that cannot follow the present one."""


class ChangedMeanwhile(RegistryError):
    """Somebody else changed the same thing at the same time."""


class ProposalUnknown(NotThere):
    """No proposal has that id."""


class FourEyesRequired(RegistryError):
    """One person alone changes what takes two here."""


class SelfApproval(RegistryError):
    """Whoever proposed a change approves it."""


class NotTheProposer(RegistryError):
    """Somebody else than the proposer takes a proposal back."""


class ProposalDecided(RegistryError):
    """A proposal that was approved, rejected or withdrawn already."""


class ProposalStale(RegistryError):
    """What a proposal changes was changed since it was made."""


class ListsFaulty(RegistryError):
    """Past lists in the database are not as they were signed."""


class ApplicationUnknown(NotThere):
    """No application has that id or link."""


class ApplicationRefusesAction(RegistryError):
    """An application whose state does not allow what is asked."""


class ApplicationsFull(RegistryError):
    """More applications wait for a reviewer than are received."""


class ControlUnproven(RegistryError):
    """Nobody proved to hold the DID's key, or the log as it is now does not bear it out any more."""


class DidLogUnchecked(RegistryError):
    """The log of a DID cannot be fetched, or does not verify."""


class EvidenceRefused(RegistryError):
    """A file that is none of the kinds taken, too large, or that runs something."""


class ProofNotAsked(RegistryError):
    """A proof for which no challenge waits: each counts once."""
