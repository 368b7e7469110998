"""Hand officers' answers to the agent, which brings them to the wallets, however long those are locked."""

import logging
from dataclasses import dataclass, replace
from typing import Final

from issuer.ports import Correspondence, QuestionRecords
from shared.ports.clock import Clock

log = logging.getLogger(__name__)

_AT_ONCE: Final = 50


@dataclass(frozen=True)
class SendAnswers:
    """Idempotent: an answer has one id, by which a wallet keeps it once."""

    records: QuestionRecords
    agent: Correspondence
    clock: Clock

    async def __call__(self) -> None:
        """Return when every answer was handed over. Raises AgentTrouble.

        One whose connection is gone counts as sent: nobody is there any more, and the thread keeps it.
        """
        async with self.records.reading() as tx:
            threads = await tx.unsent_answers(limit=_AT_ONCE)
        for question in threads:
            for line in question.lines:
                if line.sent_at is not None:
                    continue
                if not await self.agent.send(
                    line.connection_id, message_id=line.message_id, content=line.text
                ):
                    log.warning("an answer to award %s has no connection to go over", question.award_id)
                async with self.records.transaction() as tx:
                    now = await tx.question(question.organisation, question.award_id)
                    if now is not None:
                        sent = replace(line, sent_at=self.clock())
                        lines = tuple(sent if one.number == line.number else one for one in now.lines)
                        await tx.save_question(replace(now, lines=lines))
