"""Say how long each list is valid."""

from dataclasses import dataclass
from datetime import timedelta

from services.trust_registry.domain.register import HistoryEntry
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock, NewId


@dataclass(frozen=True, kw_only=True)
class SetValidity:
    """Changes the validity of lists and issues one."""

    issue_list: IssueList
    new_id: NewId
    clock: Clock

    async def __call__(self, validity: timedelta, *, actor: str) -> None:
        """Return when a list with the new validity is issued."""
        entry = HistoryEntry(
            id=self.new_id(),
            at=self.clock(),
            actor=actor,
            what="list.validity_set.v1",
            facts={"hours": validity.total_seconds() / 3600},
        )
        async with self.issue_list.changing() as register:
            await register.set_validity(validity, entry)
