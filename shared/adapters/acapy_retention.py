"""Have an agent delete what is past its time in a store: `services.agent.domain.retention` says what that is."""

import asyncio
from datetime import datetime
from typing import Final

from shared.adapters.acapy_client import AcapyClient, AgentUnavailable

_SECONDS: Final = 300.0
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 15.0
_MOST_RUNS: Final = 200
"""Of some hundred records each; what is left then waits for the next time."""


async def delete_what_is_past(agent: AcapyClient) -> int:
    """How many records and files went, of the store of the client's token or of the agent's own. Raises AcapyError."""
    gone = 0
    for _ in range(_MOST_RUNS):
        by_kind = await agent.post("/ujuzi/retention", timeout=_SECONDS)
        if not any(by_kind.values()):
            break
        gone += sum(by_kind.values())
    return gone


class AgentsStore:
    """The rule for `Retention`: the agent's own store, by its own clock."""

    def __init__(self, agent: AcapyClient) -> None:
        """`agent` holds the admin key."""
        self._agent = agent

    async def __call__(self, _now: datetime) -> int:
        """How many records and files went. An agent that starts along with its service is waited for."""
        for _ in range(_TRIES):
            try:
                return await delete_what_is_past(self._agent)
            except AgentUnavailable:
                await asyncio.sleep(_PAUSE_SECONDS)
        return await delete_what_is_past(self._agent)
