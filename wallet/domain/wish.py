"""Her wish that what she showed be deleted, and what the verifier answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from shared.contracts.deletion_words import DeletionAnswer, answer_in

REMINDED_FOR: Final = timedelta(days=30)
"""How long a wish without an answer is sent again. Whoever has not answered by then has heard it."""
KEPT_BEYOND: Final = timedelta(days=40)
"""How much longer than the answer is kept the connection is: requests may wait, and so may the answer to her wish."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """She has not asked. `reachable` False: the way her answer went is not known any more."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """She asked. `sent` False: it has not left the wallet yet; `answer` None: the verifier has not answered."""

    connection_id: str
    at: datetime
    sent: bool
    answer: DeletionAnswer | None = None
    answered_at: datetime | None = None

    @property
    def is_deleted(self) -> bool:
        """Whether the verifier says that it is done."""
        return self.answer is not None and self.answer.deleted


type Deletion = NotAsked | Wish


def wish_from(note: JsonValue, messages: Iterable[JsonValue]) -> Wish | None:
    """The wish of a note, with what came over its connection and nothing else; None for a note that is none.

    That it was deleted stands, whatever is said later: a refusal may be followed by deletion, never the other way.
    """
    if not isinstance(note, dict):
        return None
    try:
        at = datetime.fromisoformat(str(note.get("at")))
    except ValueError:
        return None
    connection_id = str(note.get("connection_id"))
    told = sorted(
        ((answer.deleted, said_at, answer) for said_at, answer in _answers(connection_id, messages)),
        key=lambda each: each[:2],
    )
    deleted = [each for each in told if each[0]]
    counts = deleted[:1] or told[-1:]
    answered_at, answer = (counts[0][1], counts[0][2]) if counts else (None, None)
    return Wish(connection_id, at, note.get("sent") is not False, answer, answered_at)


def _answers(connection_id: str, messages: Iterable[JsonValue]) -> Iterable[tuple[datetime, DeletionAnswer]]:
    for message in messages:
        if not isinstance(message, dict) or message.get("connection_id") != connection_id:
            continue
        answer = answer_in(str(message.get("content", "")))
        if answer is None:
            continue
        try:
            yield datetime.fromisoformat(str(message.get("at"))), answer
        except ValueError:
            continue
