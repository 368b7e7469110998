"""Approve, reject or take back a proposal."""

from dataclasses import dataclass

from services.trust_registry.domain.proposal import Proposal, approved, rejected, withdrawn
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.apply_edit import Doing, apply_edits, standing
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class DecideProposal:
    """Makes a proposal's edits when another person approves it; the list that shows them is out before the answer."""

    register: KeepRegister
    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def approve(self, proposal_id: str, *, actor: str) -> Proposal:
        """Raises ProposalUnknown, ProposalDecided, SelfApproval, ProposalStale, and what `apply_edit` raises."""
        async with self.issue_list.changing() as register:
            proposal, now = await register.proposal(proposal_id), self.clock()
            decided = approved(
                proposal,
                by=actor,
                four_eyes=(await register.rules()).four_eyes,
                standing=await standing(register, proposal.edits) if proposal.state == "open" else {},
                now=now,
            )
            facts = {"proposal": proposal.id, "proposed_by": proposal.proposed_by, "because": proposal.reason}
            doing = Doing(actor=actor, now=now, new_id=self.new_id, facts=facts)
            await apply_edits(register, proposal.edits, doing)
            await register.keep_decision(decided)
        return decided

    async def reject(self, proposal_id: str, *, actor: str, reason: str) -> Proposal:
        """Raises ProposalUnknown, ProposalDecided."""
        async with self.register.changing() as register:
            proposal = await register.proposal(proposal_id)
            decided = rejected(proposal, by=actor, reason=reason, now=self.clock())
            await register.keep_decision(decided)
        return decided

    async def withdraw(self, proposal_id: str, *, actor: str) -> Proposal:
        """Raises ProposalUnknown, ProposalDecided, NotTheProposer."""
        async with self.register.changing() as register:
            decided = withdrawn(await register.proposal(proposal_id), by=actor, now=self.clock())
            await register.keep_decision(decided)
        return decided
