"""What time does to requests: those nobody answered expire, disclosed values are deleted when their days are over."""

import logging
from contextlib import suppress
from datetime import datetime

from shared.contracts.errors import UjuziError
from shared.ports.audit import housekeeping
from shared.ports.clock import Clock
from shared.ports.errors import Unavailable
from verifier.domain.request import Answered, Asked, Created, Judged, Request, exchange_of, expire, forget
from verifier.errors import AgentTrouble
from verifier.ports import AskLearners, KeepRequests
from verifier.use_cases.judge_answer import JudgeAnswer

log = logging.getLogger(__name__)

FORGETTING = "KEEP_DAYS"
"""How the deletion of what was shown stands in the audit log, once for each request, in the transaction that makes it."""


class TidyUp:
    """Run on a timer; every part may be repeated."""

    def __init__(
        self, requests: KeepRequests, agent: AskLearners, judge: JudgeAnswer, *, clock: Clock
    ) -> None:
        self._requests = requests
        self._agent = agent
        self._judge = judge
        self._clock = clock

    async def __call__(self) -> None:
        """Judge what waits for it, expire, forget, and clear the agent's records of finished requests."""
        now = self._clock()
        for request in await self._requests.waiting():
            if isinstance(request, Answered):
                with suppress(Unavailable):  # whatever it waits for; its event comes again as well
                    await self._judge(request.asked.exchange.id)
            elif now >= request.stated.expires_at:
                await self._expire(request, now)
        for judged in await self._requests.to_forget(now):
            with housekeeping(FORGETTING, f"request:{judged.stated.id}"):
                await self._requests.save(forget(judged), expected=Judged)
            log.info("request %s: disclosed values deleted after keep_days", judged.stated.id)
        for request in await self._requests.to_clear():
            exchange = exchange_of(request)
            try:
                if isinstance(request, Judged) and exchange is not None:
                    await self._judge(exchange.id)
                    continue
                if exchange is not None:
                    await self._agent.remove(exchange.id)
            except AgentTrouble as error:
                log.debug("request %s: the agent's record is kept for now: %s", request.stated.id, error)
                continue
            await self._requests.cleared(request.stated.id)

    async def _expire(self, request: Request, now: datetime) -> None:
        """An answer that came in time and lies unjudged at the agent is judged first."""
        if isinstance(request, Asked):
            try:
                await self._judge(request.exchange.id)
            except Unavailable as error:
                log.debug("request %s is not expired yet: %s", request.stated.id, error)
                return
            except UjuziError as error:
                log.warning("request %s is not expired yet: %s", request.stated.id, error)
                return
        if isinstance(request, (Created, Asked)):
            await self._requests.save(expire(request, now=now), expected=type(request))
