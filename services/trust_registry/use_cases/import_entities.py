"""Propose what a file of organisations says."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trust_registry.domain.importing import Complaint, Imported, Plan, planned
from services.trust_registry.domain.proposal import Proposal
from services.trust_registry.errors import RegistryError
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.propose_change import ProposeChange
from shared.ports.clock import NewId


@dataclass(frozen=True, kw_only=True)
class ImportEntities:
    """Holds a file against the register and proposes all of it at once, or nothing."""

    register: KeepRegister
    propose: ProposeChange
    new_id: NewId

    async def __call__(
        self, file: Sequence[Imported], *, reason: str, actor: str, dry_run: bool
    ) -> tuple[Plan, Proposal | None]:
        """What it amounts to, and the proposal: none for a dry run, with a complaint, or where nothing is new."""
        plan = planned(file, (await self.register.whole()).entities, self.new_id)
        if plan.complaints or not plan.edits:
            return plan, None
        if dry_run:
            try:
                await self.propose.rehearse(plan.edits, actor=actor)
            except RegistryError as error:
                plan.complaints.append(Complaint(row=0, column="", what=str(error)))
            return plan, None
        return plan, await self.propose(plan.edits, reason=reason, actor=actor)
