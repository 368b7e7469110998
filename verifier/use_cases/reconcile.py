"""Ask the agent about every open request, and ask wallets again: events and envelopes can be lost, records are not."""

import logging
from datetime import timedelta

from shared.contracts.errors import UjuziError
from shared.contracts.reminders import Reminders
from shared.ports.clock import Clock
from shared.ports.errors import Unavailable
from verifier.domain.request import Answered, Asked, Created, Request
from verifier.ports import AskLearners, KeepRequests
from verifier.use_cases.ask_learner import AskLearner
from verifier.use_cases.judge_answer import JudgeAnswer

log = logging.getLogger(__name__)

REMINDED_FOR = timedelta(hours=1)
"""How long a wallet is asked again that did not answer."""


class Reconcile:
    """Run at start and on a timer."""

    def __init__(
        self,
        requests: KeepRequests,
        agent: AskLearners,
        ask: AskLearner,
        judge: JudgeAnswer,
        *,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._agent = agent
        self._ask = ask
        self._judge = judge
        self._clock = clock
        self._reminders = Reminders()

    async def __call__(self) -> None:
        """One request that fails does not keep the others waiting."""
        waiting = await self._requests.waiting()
        now = self._clock()
        asked = [
            request.exchange.id
            for request in waiting
            if isinstance(request, Asked) and now - request.asked_at < REMINDED_FOR
        ]
        unanswered = self._reminders.due(asked, now=now)
        for request in waiting:
            try:
                await self._advance(request)
                if isinstance(request, Asked) and request.exchange.id in unanswered:
                    await self._agent.say_again(request.exchange.id)
                    self._reminders.said(request.exchange.id, now=now)
            except Unavailable as error:
                log.debug("request %s is reconciled later: %s", request.stated.id, error)
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
