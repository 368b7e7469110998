"""What learners ask, as officers look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from issuer.domain.award import Award
from issuer.domain.question import Question
from issuer.errors import QuestionUnknown
from issuer.ports import QuestionRecords, QuestionTransaction


@dataclass(frozen=True)
class Seen:
    """A thread with the award it is about, and what that is called."""

    question: Question
    award: Award
    title: str


@dataclass(frozen=True)
class LookUpQuestions:
    """Reads only."""

    records: QuestionRecords

    async def question(self, organisation: str, award_id: UUID) -> Seen:
        """The thread of an award. Raises QuestionUnknown."""
        async with self.records.reading() as tx:
            question = await tx.question(organisation, award_id)
            seen = await _seen(tx, [question] if question else [])
        if not seen:
            raise QuestionUnknown(f"Nobody asked about an award {award_id}; GET /v1/questions lists all.")
        return seen[0]

    async def questions(
        self, organisation: str, *, state: str | None, after: UUID | None, limit: int
    ) -> Sequence[Seen]:
        """In the order of their awards."""
        async with self.records.reading() as tx:
            return await _seen(tx, await tx.questions(organisation, state=state, after=after, limit=limit))

    async def waiting(self, organisation: str, *, limit: int) -> Sequence[Seen]:
        """Those that wait for an answer, the longest first."""
        async with self.records.reading() as tx:
            return await _seen(tx, await tx.open_questions(organisation, limit=limit))


async def _seen(tx: QuestionTransaction, questions: Sequence[Question]) -> list[Seen]:
    seen = []
    for question in questions:
        award = await tx.award(question.organisation, question.award_id)
        template = await tx.template(question.organisation, award.template_id) if award else None
        if award is not None and template is not None:
            seen.append(Seen(question, award, template.title))
    return seen
