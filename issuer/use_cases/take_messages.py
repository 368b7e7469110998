"""File what learners wrote with the awards it is about.

1. The agent keeps each message, with the connection it came over, until step 4.
2. That connection was made for one award and one wallet: whose credential went over it is who writes, and about what. A
   message on any other connection is nobody's, and dropped.
3. The message joins the award's thread, once.
4. The agent's copy goes.
"""

import logging
from dataclasses import dataclass

from issuer.domain.history import What
from issuer.domain.question import ask
from issuer.ports import Correspondence, QuestionRecords, Written
from issuer.use_cases import work
from shared.contracts.question_words import read_content
from shared.ports.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TakeMessages:
    """Idempotent; run when the agent tells of a message, and now and then."""

    records: QuestionRecords
    agent: Correspondence
    clock: Clock

    async def __call__(self) -> None:
        """Return when what lay at the agent is filed. Raises AgentTrouble."""
        for written in await self.agent.arrived():
            await self._file(written)
            await self.agent.taken(written.id)

    async def _file(self, written: Written) -> None:
        matter, text = read_content(written.content)
        async with self.records.transaction() as tx:
            award = await tx.award_of_connection(written.connection_id)
            if award is None or not (text or matter):
                log.info("a message on connection %s is about no award", written.connection_id)
                return
            if await tx.has_line(award.id, written.message_id):
                return
            question = ask(
                await tx.question(award.organisation, award.id),
                award.id,
                organisation=award.organisation,
                matter=matter,
                text=text,
                message_id=written.message_id,
                connection_id=written.connection_id,
                now=self.clock(),
            )
            if question is None:
                log.warning("award %s has too many messages; one was dropped", award.id)
                return
            await tx.save_question(question)
            await tx.note(award, What.ASKED, at=question.moved_at)
            await tx.tell(
                work.QUESTION_ASKED,
                {"organisation": award.organisation, "award_id": str(award.id)},
            )
