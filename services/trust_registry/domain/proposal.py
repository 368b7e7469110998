"""A change that one person proposes and another approves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.trust_registry.domain.edits import Edit
from services.trust_registry.errors import (
    EntryRefused,
    NotTheProposer,
    ProposalDecided,
    ProposalStale,
    SelfApproval,
)

type ProposalState = Literal["open", "approved", "rejected", "withdrawn"]
type Standing = Mapping[str, str]
"""What a proposal was made upon, by organisation id; `scheme` is the authority's own settings."""

MOST_EDITS = 4000
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Edits that are made all together or not at all. `decided_by` and the rest are None while it is open."""

    id: str
    edits: tuple[Edit, ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    standing: Standing
    state: ProposalState = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None


def checked_proposal(edits: tuple[Edit, ...], reason: str) -> str:
    """The reason, if something is proposed and one is given. Raises EntryRefused."""
    if not reason.strip():
        raise EntryRefused(
            "expected a reason: it is what the second person decides by, and stays in the history"
        )
    if not 0 < len(edits) <= MOST_EDITS:
        raise EntryRefused(f"expected 1 to {MOST_EDITS} changes in a proposal, found {len(edits)}: split it")
    return reason.strip()[:LONGEST_REASON]


def approved(proposal: Proposal, *, by: str, four_eyes: bool, standing: Standing, now: datetime) -> Proposal:
    """The proposal approved. Raises ProposalDecided, SelfApproval, ProposalStale."""
    _still_open(proposal)
    if four_eyes and by == proposal.proposed_by:
        raise SelfApproval(
            "expected another person than the one who proposed it: this authority changes its register by two people"
        )
    if standing != proposal.standing:
        raise ProposalStale(
            "what this proposal changes was changed since it was made: look at it as it is now and propose anew"
        )
    return replace(proposal, state="approved", decided_by=by, decided_at=now)


def rejected(proposal: Proposal, *, by: str, reason: str, now: datetime) -> Proposal:
    """The proposal rejected. Raises ProposalDecided."""
    _still_open(proposal)
    return replace(proposal, state="rejected", decided_by=by, decided_at=now, decision_reason=reason)


def withdrawn(proposal: Proposal, *, by: str, now: datetime) -> Proposal:
    """The proposal taken back by who made it. Raises ProposalDecided, NotTheProposer."""
    _still_open(proposal)
    if by != proposal.proposed_by:
        raise NotTheProposer("expected the person who proposed it: others reject it, with a reason")
    return replace(proposal, state="withdrawn", decided_by=by, decided_at=now)


def _still_open(proposal: Proposal) -> None:
    if proposal.state != "open":
        raise ProposalDecided(f"expected an open proposal, found one that is {proposal.state}")
