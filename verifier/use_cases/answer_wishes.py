"""Tell learners who asked for it that what they showed is deleted, however that came about, or why it is kept."""

import logging
from dataclasses import dataclass

from shared.ports.clock import Clock, NewId
from verifier.domain.wish import content_of, fulfil, nothing_left
from verifier.ports import Correspondence, KeepRequests, KeepWishes

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnswerWishes:
    """Idempotent; run on a timer. An answer has one id, by which a wallet keeps it once."""

    requests: KeepRequests
    wishes: KeepWishes
    agent: Correspondence
    new_id: NewId
    clock: Clock

    async def __call__(self) -> None:
        """Return when every answer was handed over. Raises AgentTrouble."""
        for wish in await self.wishes.not_deleted():
            request = await self.requests.find(wish.request_id)
            if request is None or nothing_left(request):
                done = fulfil(wish, message_id=self.new_id(), now=self.clock())
                await self.wishes.save(done)
        for wish in await self.wishes.untold():
            if wish.answer is None or wish.message_id is None:
                continue
            content = content_of(wish, wish.answer)
            if not await self.agent.write(wish.connection_id, message_id=wish.message_id, content=content):
                log.warning(
                    "request %s: the answer to its learner has no connection to go over", wish.request_id
                )
            await self.wishes.told(wish.request_id, wish.message_id, at=self.clock())
