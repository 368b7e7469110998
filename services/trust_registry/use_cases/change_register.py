"""Change the register at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trust_registry.domain.edits import Edit, may_be_made_alone
from services.trust_registry.domain.proposal import Standing
from services.trust_registry.errors import FourEyesRequired
from services.trust_registry.use_cases.apply_edit import Doing, apply_edits, insist_on
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class ChangeRegisterNow:
    """Makes edits and issues the list, where one person is enough: for an emergency, or by the authority's rule."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(
        self, edits: Sequence[Edit], *, actor: str, reason: str | None = None, upon: Standing | None = None
    ) -> None:
        """Return when the list that shows it is out. The reason stays in the history.

        `upon` is what whoever asks for it looked at: ChangedMeanwhile if it is otherwise by now.
        Raises FourEyesRequired, and what `apply_edit` raises.
        """
        async with self.issue_list.changing() as register:
            if (await register.rules()).four_eyes and not all(map(may_be_made_alone, edits)):
                raise FourEyesRequired(
                    "this authority changes its register by two people: propose it at POST /v1/proposals, and "
                    "somebody else approves it; one person may suspend or report a compromise"
                )
            if upon is not None:
                await insist_on(register, edits, upon)
            facts = {"because": reason} if reason else {}
            doing = Doing(actor=actor, now=self.clock(), new_id=self.new_id, facts=facts)
            await apply_edits(register, edits, doing)
