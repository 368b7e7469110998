"""Say what a file of organisations amounts to, then propose it or carry it out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.trust_registry.domain.importing import (
    Complaint,
    Imported,
    Plan,
    digest_of_plan,
    planned,
    standing_of_plan,
    with_ids,
)
from services.trust_registry.domain.proposal import Proposal
from services.trust_registry.errors import ChangedMeanwhile, RegistryError
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.change_register import ChangeRegisterNow
from services.trust_registry.use_cases.propose_change import ProposeChange
from shared.ports.clock import NewId


@dataclass(frozen=True, kw_only=True)
class ImportEntities:
    """Holds a file against the register; all of it is made at once, or nothing. Keeps nothing between looking and doing."""

    register: KeepRegister
    propose: ProposeChange
    change: ChangeRegisterNow
    new_id: NewId

    async def dry_run(self, file: Sequence[Imported], *, actor: str) -> tuple[Plan, str]:
        """What it amounts to, and the digest of that; tried on the register, so that what is shown can be made."""
        plan, digest = await self._plan(file)
        if plan.edits:
            try:
                await self.propose.rehearse(with_ids(plan.edits, self.new_id), actor=actor)
            except RegistryError as error:
                plan.complaints.append(Complaint(row=0, column="", what=str(error)))
        return plan, digest

    async def __call__(
        self,
        file: Sequence[Imported],
        *,
        reason: str,
        actor: str,
        shown: str | None = None,
        alone: bool = False,
    ) -> tuple[Plan, Proposal | None]:
        """Propose it, or with `alone` make it at once; no proposal either with a complaint, or where nothing is new.

        `shown` is the digest of the dry run that somebody looked at: ChangedMeanwhile if it amounts to something else now.
        Raises FourEyesRequired, and what `apply_edit` raises.
        """
        plan, digest = await self._plan(file)
        if shown is not None and shown != digest:
            raise ChangedMeanwhile(
                "expected what the dry run showed, found something else: the file is another one, or the register was "
                "changed meanwhile; look at it anew"
            )
        if plan.complaints or not plan.edits:
            return plan, None
        edits, upon = with_ids(plan.edits, self.new_id), standing_of_plan(plan)
        if alone:
            await self.change(edits, actor=actor, reason=reason, upon=upon)
            return plan, None
        return plan, await self.propose(edits, reason=reason, actor=actor, upon=upon)

    async def _plan(self, file: Sequence[Imported]) -> tuple[Plan, str]:
        entities = (await self.register.whole()).entities
        plan = await asyncio.to_thread(planned, file, entities)
        return plan, digest_of_plan(plan)
