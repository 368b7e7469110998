"""The agent's events: each tells that a record changed; what it is now is read from the agent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.adapters.agent_events import event_in
from shared.adapters.jetstream import Message
from shared.contracts.agent_events import BASIC_MESSAGE, CONNECTIONS, PRESENT_PROOF, is_news
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer


@dataclass(frozen=True)
class AgentEvents:
    """Handles the agent's events."""

    ask_learner: AskLearner
    judge_answer: JudgeAnswer
    take_wishes: Callable[[], Awaitable[None]]

    async def __call__(self, message: Message) -> None:
        """Return when the event's consequences are stored; raises to get it again."""
        event = event_in(message)
        if not is_news(event.topic, event.state):
            return
        if event.topic == CONNECTIONS and event.invitation_msg_id is not None:
            await self.ask_learner(event.invitation_msg_id, event.connection_id or event.record_id)
        elif event.topic == PRESENT_PROOF:
            await self.judge_answer(event.record_id)
        elif event.topic == BASIC_MESSAGE:
            await self.take_wishes()
