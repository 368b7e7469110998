"""The agent's events as they come from JetStream."""

from pydantic import ValidationError

from shared.adapters.jetstream import Message, Poison
from shared.contracts.agent_events import AgentEvent


def event_in(message: Message) -> AgentEvent:
    """The event in a message; raises Poison for anything else."""
    try:
        return AgentEvent.model_validate_json(message.data)
    except ValidationError as error:
        raise Poison("not an agent event") from error
