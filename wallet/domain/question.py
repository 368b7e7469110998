"""What the learner and her issuer write to each other about a credential: one thread, told by the connection it came over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from shared.contracts.question_words import Matter, read_content

MOST_UNANSWERED: Final = 10
"""Messages of hers in a row, as many as an issuer takes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `sent` False: it has not left the wallet yet."""

    id: str
    connection_id: str
    at: datetime
    mine: bool
    matter: Matter | None
    text: str
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Thread:
    """`can_write` False: the issuer cannot be reached from this credential, or has ten messages to answer already."""

    lines: tuple[Line, ...]
    can_write: bool

    @property
    def waits(self) -> bool:
        """Whether her issuer is to answer."""
        return bool(self.lines) and self.lines[-1].mine


def unanswered(lines: Sequence[Line]) -> int:
    """How many of hers stand at the end."""
    return next((count for count, line in enumerate(reversed(lines)) if not line.mine), len(lines))


def connections_of(credential_id: str, settled: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Over which connection a credential came, and those it took the place of; hers first. Empty: none is known."""
    came: dict[str, Mapping[str, JsonValue]] = {}
    for note in settled.values():
        if isinstance(note, dict) and note.get("credential_id"):
            came[str(note["credential_id"])] = note
    found: list[str] = []
    waiting = [credential_id]
    while waiting:
        note_of = came.pop(waiting.pop(0), None)
        if note_of is None:
            continue
        if connection := note_of.get("connection_id"):
            found.append(str(connection))
        replaced = note_of.get("replaced")
        waiting += [str(one) for one in replaced] if isinstance(replaced, list) else []
    return tuple(found)


def thread_of(
    connections: Collection[str], mine: Iterable[Line], theirs: Iterable[Line], *, reachable: bool
) -> Thread:
    """The messages over these connections, by time."""
    lines = sorted(
        (line for line in (*mine, *theirs) if line.connection_id in connections),
        key=lambda line: (line.at, line.id),
    )
    return Thread(tuple(lines), reachable and unanswered(lines) < MOST_UNANSWERED)


def line_from(note_id: str, note: JsonValue, *, mine: bool) -> Line | None:
    """A note of a message; None for one that cannot be read."""
    if not isinstance(note, dict):
        return None
    matter, text = read_content(str(note.get("content", "")))
    try:
        at = datetime.fromisoformat(str(note.get("at")))
    except ValueError:
        return None
    return Line(
        note_id, str(note.get("connection_id")), at, mine, matter, text, sent=note.get("sent") is not False
    )
