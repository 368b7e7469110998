"""The clock that renews the list before its NextUpdate."""

import asyncio
from collections.abc import Awaitable, Callable

from services.trust_registry.use_cases.issue_list import IssueList
from shared.ports.clock import Clock

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 30.0


def renewal(issue_list: IssueList, *, clock: Clock) -> Callable[[], Awaitable[None]]:
    """A loop that issues the list whenever it is due, and whatever a crash left unpublished."""

    async def run() -> None:
        while True:
            newest = await issue_list.if_needed()
            due = newest.renewal_due()
            pause = LONGEST_PAUSE if due is None else (due - clock()).total_seconds()
            await asyncio.sleep(min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE))

    return run
