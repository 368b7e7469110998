"""A learner's question about her award, with the officer's answers: one thread for an award, for as long as it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from issuer.errors import QuestionRefusesAction
from shared.contracts.question_words import Matter

MOST_UNANSWERED: Final = 10
"""Messages of a learner in a row; what comes beyond is dropped until an officer answers."""
MOST_LINES: Final = 200
"""Of a thread, both sides together."""


@dataclass(frozen=True, slots=True)
class Open:
    """The learner spoke last: an officer is to answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An officer spoke last."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Settled, as an officer sees it; the learner opens it again by writing."""


State = Open | Answered | Closed
NAMES: Final[dict[type[State], str]] = {Open: "open", Answered: "answered", Closed: "closed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `by` None: the learner's. `sent_at` None: the agent has not taken it yet; a learner's came when it came."""

    number: int
    at: datetime
    by: str | None
    text: str
    message_id: str
    connection_id: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """The thread of one award."""

    award_id: UUID
    organisation: str
    matter: Matter
    state: State
    lines: tuple[Line, ...]
    opened_at: datetime
    moved_at: datetime

    @property
    def state_name(self) -> str:
        """As the API and the screens call it."""
        return NAMES[type(self.state)]


def ask(
    known: Question | None,
    award_id: UUID,
    *,
    organisation: str,
    matter: Matter | None,
    text: str,
    message_id: str,
    connection_id: str,
    now: datetime,
) -> Question | None:
    """The thread with the learner's message; None if there is no room for it. The first message begins the thread."""
    question = known or Question(award_id, organisation, matter or Matter.OTHER, Open(), (), now, now)
    if len(question.lines) >= MOST_LINES or _unanswered(question.lines) >= MOST_UNANSWERED:
        return None
    line = Line(len(question.lines) + 1, now, None, text, message_id, connection_id, now)
    return replace(
        question,
        matter=matter or question.matter,
        state=Open(),
        lines=(*question.lines, line),
        moved_at=now,
    )


def answer(
    question: Question, *, text: str, by: str, message_id: str, closing: bool, now: datetime
) -> Question:
    """The thread with an officer's message, over the connection the learner wrote on last.

    Raises QuestionRefusesAction when the thread is full.
    """
    if len(question.lines) >= MOST_LINES:
        raise QuestionRefusesAction(
            f"This thread has {MOST_LINES} messages, the most there may be. Write to the learner another way."
        )
    asked = next(line for line in reversed(question.lines) if line.by is None)
    line = Line(len(question.lines) + 1, now, by, text, message_id, asked.connection_id, None)
    return replace(
        question,
        state=Closed() if closing else Answered(),
        lines=(*question.lines, line),
        moved_at=now,
    )


def close(question: Question, *, now: datetime) -> Question:
    """Settled without another word. Raises QuestionRefusesAction unless an officer answered."""
    if not isinstance(question.state, Answered):
        raise QuestionRefusesAction(
            f"The question is {question.state_name}. Close one that was answered, or close it with a last answer."
        )
    return replace(question, state=Closed(), moved_at=now)


def _unanswered(lines: Sequence[Line]) -> int:
    return next(
        (count for count, line in enumerate(reversed(lines)) if line.by is not None),
        len(lines),
    )
