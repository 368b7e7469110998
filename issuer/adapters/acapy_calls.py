"""What the issuer's errors call an agent that refuses, knows nothing of something or is silent."""

from collections.abc import Awaitable
from typing import Any

from issuer.errors import AgentRefuses, AgentSilent, UnknownToAgent
from shared.adapters.acapy_client import AgentRefused, AgentUnavailable, AgentUnknown


async def calling(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - the agent's JSON, read by who calls
    """Await a call of the agent. Raises UnknownToAgent, AgentRefuses or AgentSilent."""
    try:
        return await call
    except AgentUnknown as error:
        raise UnknownToAgent("The agent does not know this record.") from error
    except AgentRefused as error:
        raise AgentRefuses(f"The agent refused with status {error.status}: {error.reason}") from error
    except AgentUnavailable as error:
        raise AgentSilent("The agent does not answer. It is safe to try again.") from error
