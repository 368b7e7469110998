"""A learner's wish that what she showed be deleted, and what became of it.

waiting ── deleted
   └── refused ── deleted (refusing is not the last word: its days end, or somebody deletes it after all)
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts.deletion_words import DeletionAnswer, answer_content
from verifier.domain.request import Declined, Expired, Judged, Request, Withdrawn
from verifier.errors import RequestFinished


@dataclass(frozen=True, slots=True)
class Deleted:
    """Nothing of what she showed is left."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody said why it is kept until its days are over."""

    at: datetime
    because: str


type Answer = Deleted | Refused


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish for one request. `message_id` is the answer's; `told_at` None: the agent has not taken it yet."""

    request_id: str
    connection_id: str
    language: str
    asked_at: datetime
    answer: Answer | None = None
    message_id: str | None = None
    told_at: datetime | None = None


def fulfil(wish: Wish, *, message_id: str, now: datetime) -> Wish:
    """What she showed is deleted, and she is to be told."""
    return replace(wish, answer=Deleted(now), message_id=message_id, told_at=None)


def refuse(wish: Wish, because: str, *, message_id: str, now: datetime) -> Wish:
    """It is kept for now, and she is to be told why. Raises RequestFinished where it is deleted already."""
    if isinstance(wish.answer, Deleted):
        raise RequestFinished("what the learner showed is deleted already: there is nothing to refuse")
    return replace(wish, answer=Refused(now, because), message_id=message_id, told_at=None)


def content_of(wish: Wish, answer: Answer) -> str:
    """What she is told, in the language she asked in."""
    said = DeletionAnswer(isinstance(answer, Deleted), answer.because if isinstance(answer, Refused) else "")
    return answer_content(said, wish.language)


def nothing_left(request: Request) -> bool:
    """Whether nothing of hers is kept here, and none will be: a request that can still be answered is not over."""
    match request:
        case Judged():
            return request.disclosed is None
        case Declined() | Expired() | Withdrawn():
            return True
        case _:
            return False
