"""Ask the agent about every open request: its events can be lost in a crash, its records are not."""

import logging

from shared.contracts.errors import UjuziError
from verifier.domain.request import Answered, Asked, Created, Request
from verifier.ports import AskLearners, KeepRequests
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer

log = logging.getLogger(__name__)


class Reconcile:
    """Run at start and on a timer."""

    def __init__(
        self, requests: KeepRequests, agent: AskLearners, ask: AskLearner, judge: JudgeAnswer
    ) -> None:
        self._requests = requests
        self._agent = agent
        self._ask = ask
        self._judge = judge

    async def __call__(self) -> None:
        """One request that fails does not keep the others waiting."""
        for request in await self._requests.waiting():
            try:
                await self._advance(request)
            except UjuziError as error:
                log.warning("request %s could not be reconciled: %s", request.stated.id, error)

    async def _advance(self, request: Request) -> None:
        match request:
            case Created(stated):
                connection_id = await self._agent.connection_by(stated.invitation.message_id)
                if connection_id is not None:
                    await self._ask(stated.invitation.message_id, connection_id)
            case Asked():
                await self._judge(request.exchange.id)
            case Answered():
                await self._judge(request.asked.exchange.id)
            case _:
                return
