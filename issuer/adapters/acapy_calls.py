"""What the issuer's errors call an agent that refuses, knows nothing of something or is silent."""

from collections.abc import Awaitable
from typing import Any

from issuer.errors import AgentRefuses, AgentSilent
from shared.adapters.acapy_client import AgentRefused, AgentUnavailable, AgentUnknown


class Unknown(AgentRefuses):
    """The agent has no such record."""


async def calling(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - the agent's JSON, read by who calls
    """Await a call of the agent. Raises Unknown, AgentRefuses or AgentSilent."""
    try:
        return await call
    except AgentUnknown as error:
        raise Unknown("The agent does not know this record.") from error
    except AgentRefused as error:
        raise AgentRefuses(f"The agent refused with status {error.status}: {error.reason}") from error
    except AgentUnavailable as error:
        raise AgentSilent("The agent does not answer. It is safe to try again.") from error
