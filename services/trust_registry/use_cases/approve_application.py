"""Approve an application: the register changes at once where one person is enough, else it becomes a proposal."""

from dataclasses import dataclass

from services.trust_registry.domain.application import (
    Application,
    ApplicationEntry,
    approvable,
    as_entity,
    decided,
)
from services.trust_registry.domain.edits import Edit, Granting, Registering
from services.trust_registry.domain.proposal import Proposal, checked_proposal
from services.trust_registry.domain.register import Grant
from services.trust_registry.ports import ChangeRegister, KeepApplications, ReadDidLog
from services.trust_registry.use_cases.apply_edit import Doing, apply_edit, standing
from services.trust_registry.use_cases.issue_list import IssueList
from services.trust_registry.use_cases.propose_change import ProposeChange
from shared.ports.clock import Clock, NewId
from shared.vc.webvh import DidHistory


@dataclass(frozen=True, kw_only=True)
class ApproveApplication:
    """The register's change, or the proposal of it, and the application's are one transaction."""

    applications: KeepApplications
    read_log: ReadDidLog
    propose: ProposeChange
    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(self, application_id: str, grant: Grant, *, actor: str, reason: str) -> Application:
        """The application, approved or proposed, with the limits of `grant`.

        Raises ApplicationUnknown, ApplicationRefusesAction, ControlUnproven, DidLogUnchecked, DidTaken, EntryRefused.
        """
        found = await self.applications.application(application_id)
        history = await self.read_log(found.did)
        approvable(found, history)
        entity = as_entity(found, entity_id=self.new_id())
        edits: tuple[Edit, ...] = (
            Registering(entity=entity),
            Granting(entity_id=entity.id, authorization_id=self.new_id(), grant=grant),
        )
        reason = checked_proposal(edits, reason)
        if (await self.propose.register.rules()).four_eyes:
            await self.propose.rehearse(edits, actor=actor)
            async with self.propose.register.changing() as register:
                return await self._proposed(register, found, history, edits, actor=actor, reason=reason)
        facts = {"application": found.id, "because": reason}
        async with self.issue_list.changing() as register:
            doing = Doing(actor=actor, now=self.clock(), new_id=self.new_id, facts=facts)
            for edit in edits:
                await apply_edit(register, edit, doing)
            return await self._kept(register, found, history, entity_id=entity.id, actor=actor, reason=reason)

    async def _proposed(
        self,
        register: ChangeRegister,
        found: Application,
        history: DidHistory,
        edits: tuple[Edit, ...],
        *,
        actor: str,
        reason: str,
    ) -> Application:
        proposal = Proposal(
            id=self.new_id(),
            edits=edits,
            reason=reason,
            proposed_by=actor,
            proposed_at=self.clock(),
            standing=await standing(register, edits),
        )
        await register.add_proposal(proposal)
        entity_id = next(edit.entity.id for edit in edits if isinstance(edit, Registering))
        return await self._kept(
            register,
            found,
            history,
            entity_id=entity_id,
            proposal_id=proposal.id,
            actor=actor,
            reason=reason,
        )

    async def _kept(
        self,
        register: ChangeRegister,
        found: Application,
        history: DidHistory,
        *,
        entity_id: str,
        actor: str,
        reason: str,
        proposal_id: str | None = None,
    ) -> Application:
        kept, now = self.applications.beside(register), self.clock()
        application = await kept.application(found.id)
        approvable(application, history)  # somebody may have decided meanwhile
        changed = decided(application, by=actor, entity_id=entity_id, proposal_id=proposal_id, now=now)
        entry = ApplicationEntry(
            id=self.new_id(),
            application_id=found.id,
            at=now,
            actor=actor,
            what="proposed" if proposal_id else "approved",
            text=reason,
        )
        await kept.keep(changed, entry)
        return changed
