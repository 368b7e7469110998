"""What learners ask about their awards, and the organisation's answers: by API what the console's pages do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from issuer.domain.award import Superseded
from issuer.entry.acting import Acting
from issuer.entry.api import Reader, Writer
from issuer.entry.cursor import id_after
from issuer.use_cases.answer_question import AnswerQuestion
from issuer.use_cases.look_up_questions import LookUpQuestions, Seen
from shared.contracts.question_words import MOST_TEXT, Matter, is_plain, without_controls
from shared.web.pagination import Page, PageQuery, page_of

StateName = Literal["open", "answered", "closed"]


@dataclass(frozen=True)
class Questions:
    """What an officer can do about them."""

    look_up: LookUpQuestions
    answer: AnswerQuestion


class MessageShape(BaseModel):
    """One message. `who` is the officer; `sent_at` null: an answer that is on its way to the agent."""

    number: int
    at: datetime
    by: Literal["learner", "officer"]
    who: str | None
    text: str
    sent_at: datetime | None


class QuestionShape(BaseModel):
    """The thread of one award; `corrected_by` is the award that took its place."""

    award_id: UUID
    matter: Matter
    state: StateName
    opened_at: datetime
    moved_at: datetime
    award_state: str
    corrected_by: UUID | None
    messages: list[MessageShape]

    @classmethod
    def of(cls, seen: Seen) -> Self:
        """Show it."""
        question, award = seen.question, seen.award
        return cls.model_validate(
            {
                "award_id": question.award_id,
                "matter": question.matter,
                "state": question.state_name,
                "opened_at": question.opened_at,
                "moved_at": question.moved_at,
                "award_state": award.state_name,
                "corrected_by": award.state.by if isinstance(award.state, Superseded) else None,
                "messages": [
                    MessageShape(
                        number=line.number,
                        at=line.at,
                        by="officer" if line.by else "learner",
                        who=line.by,
                        text=line.text,
                        sent_at=line.sent_at,
                    )
                    for line in question.lines
                ],
            }
        )


class Answer(BaseModel):
    """What the learner reads in her wallet; `close`: nothing more is to be done."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT)]
    close: bool = False

    @field_validator("text")
    @classmethod
    def plain(cls, text: str) -> str:
        """Text is text."""
        if not is_plain(text):
            raise ValueError("expected text without control characters")
        return without_controls(text)


def questions_router(questions: Questions) -> APIRouter:
    """Routes under /v1/questions."""
    router = APIRouter(prefix="/v1/questions", tags=["questions"])

    @router.get("")
    async def everything(asked: PageQuery, by: Reader, state: StateName | None = None) -> Page[QuestionShape]:
        """What learners asked, or what is in one state."""
        found = await questions.look_up.questions(
            by.organisation, state=state, after=id_after(asked.after), limit=asked.limit + 1
        )
        return page_of(found, asked, key=lambda seen: str(seen.question.award_id), show=QuestionShape.of)

    @router.get("/{award_id}")
    async def one(award_id: UUID, by: Reader) -> QuestionShape:
        """The thread of one award."""
        return await shown(by, award_id)

    @router.post("/{award_id}/answers", status_code=201)
    async def answer(award_id: UUID, body: Answer, by: Writer) -> QuestionShape:
        """Answer; it goes to the learner's wallet, however long that is locked."""
        await questions.answer(by.organisation, award_id, body.text, by=by.caller.who, closing=body.close)
        return await shown(by, award_id)

    @router.post("/{award_id}/close")
    async def close(award_id: UUID, by: Writer) -> QuestionShape:
        """Settle what was answered; the learner opens it again by writing."""
        await questions.answer.close(by.organisation, award_id)
        return await shown(by, award_id)

    async def shown(by: Acting, award_id: UUID) -> QuestionShape:
        return QuestionShape.of(await questions.look_up.question(by.organisation, award_id))

    return router
