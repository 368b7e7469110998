"""Propose a change of the register."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trust_registry.domain.edits import Edit
from services.trust_registry.domain.proposal import Proposal, Standing, checked_proposal
from services.trust_registry.ports import KeepRegister
from services.trust_registry.use_cases.apply_edit import Doing, apply_edits, insist_on, standing
from shared.ports.audit import no_deed
from shared.ports.clock import Clock, NewId


class _Rehearsed(Exception):
    """Everything could be made; undo it."""


@dataclass(frozen=True, kw_only=True)
class ProposeChange:
    """Tries the edits on the register as it is, undoes them, and keeps the proposal: nobody approves what cannot be."""

    register: KeepRegister
    new_id: NewId
    clock: Clock

    async def rehearse(self, edits: Sequence[Edit], *, actor: str) -> None:
        """Raises what `apply_edit` would raise; changes nothing."""
        doing = Doing(actor=actor, now=self.clock(), new_id=self.new_id)
        with no_deed():
            try:
                async with self.register.changing() as register:
                    await apply_edits(register, edits, doing)
                    raise _Rehearsed  # noqa: TRY301 - leaving by an exception is what rolls back
            except _Rehearsed:
                pass

    async def __call__(
        self, edits: Sequence[Edit], *, reason: str, actor: str, upon: Standing | None = None
    ) -> Proposal:
        """The open proposal. Raises EntryRefused, ChangedMeanwhile if it stands on something else than `upon`, and what `apply_edit` raises."""
        reason = checked_proposal(tuple(edits), reason)
        await self.rehearse(edits, actor=actor)
        async with self.register.changing() as register:
            if upon is not None:
                await insist_on(register, edits, upon)
            proposal = Proposal(
                id=self.new_id(),
                edits=tuple(edits),
                reason=reason,
                proposed_by=actor,
                proposed_at=self.clock(),
                standing=upon if upon is not None else await standing(register, edits),
            )
            await register.add_proposal(proposal)
        return proposal
