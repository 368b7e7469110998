"""What waits for the learner: numbers and ids, nothing of what they say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Something changed: `kind` is offer, request, credential, connection, message or locked."""

    kind: str
    id: str


@dataclass(frozen=True)
class Inbox:
    """How much waits for a decision, how much she holds, and how many envelopes are still being worked through."""

    offers: int
    requests: int
    credentials: int
    waiting: int
