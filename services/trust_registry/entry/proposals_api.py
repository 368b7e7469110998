"""Proposals under /v1/proposals: changed by one person, approved by another."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.trust_registry.domain.proposal import Proposal, ProposalState
from services.trust_registry.entry.api import APPROVE, Reader, Writer
from services.trust_registry.entry.proposal_shapes import DecisionBody, ProposalBody, ProposalShown, edits_of
from services.trust_registry.errors import NotThere
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.apply_edit import standing
from services.trust_registry.use_cases.decide_proposal import DecideProposal
from services.trust_registry.use_cases.propose_change import ProposeChange
from shared.ports.api_keys import Caller
from shared.ports.clock import NewId
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of

Approver = Annotated[Caller, Depends(require_scope(APPROVE))]


@dataclass(frozen=True, kw_only=True)
class ProposalUseCases:
    """What the routes, and the console's pages, call."""

    register: KeepRegister
    propose: ProposeChange
    decide: DecideProposal
    new_id: NewId

    async def is_stale(self, proposal: Proposal) -> bool:
        """Whether an open proposal can no longer be approved, because what it changes was changed."""
        if proposal.state != "open":
            return False
        try:
            return await standing(self.register, proposal.edits) != proposal.standing
        except NotThere:
            return True

    async def shown(self, proposal: Proposal) -> ProposalShown:
        """As the API shows it."""
        return ProposalShown.of(proposal, stale=await self.is_stale(proposal))


def proposals_router(use: ProposalUseCases) -> APIRouter:
    """`/v1/proposals`."""
    router = APIRouter(prefix="/v1/proposals", tags=["proposals"])

    @router.post("", status_code=201)
    async def propose(body: ProposalBody, caller: Writer) -> ProposalShown:
        """Propose changes that are made all together; tried on the register as it is, so that they can be approved."""
        edits = edits_of(body.edits, use.new_id)
        return ProposalShown.of(await use.propose(edits, reason=body.reason, actor=caller.who))

    @router.get("")
    async def list_proposals(
        page: PageQuery, _: Reader, state: Annotated[ProposalState | None, Query()] = None
    ) -> Page[ProposalShown]:
        """Proposals, oldest first."""
        rows = await use.register.proposals(after=page.after, limit=page.limit + 1, state=state)
        stale = {row.id: await use.is_stale(row) for row in rows}
        return page_of(
            rows, page, key=lambda row: row.id, show=lambda row: ProposalShown.of(row, stale=stale[row.id])
        )

    @router.get("/{proposal_id}")
    async def read_proposal(proposal_id: str, _: Reader) -> ProposalShown:
        """One proposal."""
        return await use.shown(await use.register.proposal(proposal_id))

    @router.post("/{proposal_id}/approve")
    async def approve(proposal_id: str, caller: Approver) -> ProposalShown:
        """Make its changes; the list that shows them is out before the answer."""
        return ProposalShown.of(await use.decide.approve(proposal_id, actor=caller.who))

    @router.post("/{proposal_id}/reject")
    async def reject(proposal_id: str, body: DecisionBody, caller: Approver) -> ProposalShown:
        """Make none of them."""
        decided = await use.decide.reject(proposal_id, actor=caller.who, reason=body.reason)
        return ProposalShown.of(decided)

    @router.post("/{proposal_id}/withdraw")
    async def withdraw(proposal_id: str, caller: Writer) -> ProposalShown:
        """Take one's own proposal back."""
        return ProposalShown.of(await use.decide.withdraw(proposal_id, actor=caller.who))

    return router
