"""The agent's events: each tells that a record changed; what it is now is read from the agent."""

from collections.abc import Awaitable, Callable

from pydantic import ValidationError

from shared.adapters.jetstream import Message, Poison
from shared.contracts.agent_events import CONNECTIONS, PRESENT_PROOF, AgentEvent, events_of
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer

SUBJECTS = (events_of(CONNECTIONS), events_of(PRESENT_PROOF))
COMPLETED = frozenset({"completed", "active"})
OURS_OR_ON_THE_WAY = frozenset({"request-sent", "deleted"})


def on_agent_event(ask: AskLearner, judge: JudgeAnswer) -> Callable[[Message], Awaitable[None]]:
    """A handler that returns only after what the event caused is stored."""

    async def handle(message: Message) -> None:
        try:
            event = AgentEvent.model_validate_json(message.data)
        except ValidationError as error:
            raise Poison("not an agent event") from error
        if event.topic == CONNECTIONS and event.state in COMPLETED and event.invitation_msg_id is not None:
            await ask(event.invitation_msg_id, event.connection_id or event.record_id)
        elif event.topic == PRESENT_PROOF and event.state not in OURS_OR_ON_THE_WAY:
            await judge(event.record_id)

    return handle
