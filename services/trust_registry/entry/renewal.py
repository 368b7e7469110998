"""The clock that renews the list before its NextUpdate."""

import asyncio
from collections.abc import Sequence

from services.trust_registry.domain.issuing import Issue
from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock
from shared.ports.metrics import LIST_EXPIRES, Reading

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0


class Renewal:
    """Issues the list whenever it is due, and whatever a crash left unpublished."""

    def __init__(self, issue_list: IssueList, *, url: str, clock: Clock) -> None:
        """`url` is where the list is published."""
        self._issue_list = issue_list
        self._url = url
        self._clock = clock
        self._newest: Issue | None = None

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            self._newest = await self._issue_list.if_needed()
            due = self._newest.renewal_due()
            pause = LONGEST_PAUSE if due is None else (due - self._clock()).total_seconds()
            await asyncio.sleep(min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE))

    async def measure(self) -> Sequence[Reading]:
        """The port Measure: how long the newest list stays valid; nothing before the first look."""
        if self._newest is None:
            return []
        left = (self._newest.next_update - self._clock()).total_seconds()
        return [Reading(LIST_EXPIRES, left, {"list": self._url})]
