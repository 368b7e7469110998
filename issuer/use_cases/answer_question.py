"""Answer a learner, or explain and close; the answer goes to the wallet she wrote from."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from issuer.domain import question as threads
from issuer.domain.history import What
from issuer.domain.question import Question
from issuer.errors import QuestionUnknown
from issuer.ports import QuestionRecords, QuestionTransaction
from issuer.use_cases import work
from shared.ports.clock import Clock


@dataclass(frozen=True)
class AnswerQuestion:
    """`SendAnswers` hands the answer to the agent."""

    records: QuestionRecords
    new_id: Callable[[], UUID]
    clock: Clock

    async def __call__(
        self, organisation: str, award_id: UUID, text: str, *, by: str, closing: bool = False
    ) -> Question:
        """Return the thread with the answer. Raises QuestionUnknown or QuestionRefusesAction."""
        async with self.records.transaction() as tx:
            known = await _known(tx, organisation, award_id)
            question = threads.answer(
                known, text=text, by=by, message_id=str(self.new_id()), closing=closing, now=self.clock()
            )
            await tx.save_question(question)
            award = await tx.award(organisation, award_id)
            if award is not None:
                await tx.note(award, What.ANSWERED, at=question.moved_at)
            await tx.tell(work.QUESTION_ANSWERED, {"organisation": organisation, "award_id": str(award_id)})
        return question

    async def close(self, organisation: str, award_id: UUID) -> Question:
        """Return the thread, settled without another word. Raises QuestionUnknown or QuestionRefusesAction."""
        async with self.records.transaction() as tx:
            question = threads.close(await _known(tx, organisation, award_id), now=self.clock())
            await tx.save_question(question)
        return question


async def _known(tx: QuestionTransaction, organisation: str, award_id: UUID) -> Question:
    question = await tx.question(organisation, award_id)
    if question is None:
        raise QuestionUnknown(f"Nobody asked about an award {award_id}; GET /v1/questions lists all.")
    return question
