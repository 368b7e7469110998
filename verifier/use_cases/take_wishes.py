"""Take in what learners write after they answered: the wish that what they showed be deleted.

1. The agent keeps each message, with the connection it came over, until step 4.
2. That connection was made for one request and one wallet: whose answer went over it is who writes, and about what. A
   message on any other connection is a stranger's, and refused; so is one that asks for nothing.
3. The wish stands with its request, once; asked again after it was answered, it is answered again.
4. The agent's copy goes.
"""

import logging
from dataclasses import dataclass

from shared.contracts.deletion_words import wish_in
from shared.ports.clock import Clock
from verifier.domain.wish import Wish
from verifier.ports import Correspondence, KeepRequests, KeepWishes, Written

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TakeWishes:
    """Idempotent; run when the agent tells of a message, and now and then."""

    requests: KeepRequests
    wishes: KeepWishes
    agent: Correspondence
    clock: Clock

    async def __call__(self) -> None:
        """Return when what lay at the agent is taken in. Raises AgentTrouble."""
        for written in await self.agent.arrived():
            await self._take(written)
            await self.agent.taken(written.id)

    async def _take(self, written: Written) -> None:
        language = wish_in(written.content)
        if language is None:
            log.info("a message on connection %s asks for nothing; it is dropped", written.connection_id)
            return
        request = await self.requests.by_connection(written.connection_id)
        if request is None:
            log.warning("a wish on connection %s is for no request; it is refused", written.connection_id)
            return
        wish = Wish(request.stated.id, written.connection_id, language, self.clock())
        if await self.wishes.add(wish):
            log.info("request %s: its learner asks for deletion", request.stated.id)
            return
        known = await self.wishes.find(request.stated.id)
        if known is not None and known.told_at is not None and known.message_id is not None:
            await self.wishes.told(known.request_id, known.message_id, at=None)
