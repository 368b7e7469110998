"""When to say again what the other side has not answered: a party's envelopes can be lost with the disk of its NATS."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=30)
"""Longer than an answer takes when all is well."""


@dataclass(frozen=True, slots=True)
class _Reminder:
    at: datetime
    then: timedelta


class Reminders:
    """Half a minute after it was first seen to wait, then after twice as long each time.

    What waits already at the first look is due at once: whoever said it may have died before it was sent. What could not
    be said stays due.
    """

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._next: dict[str, _Reminder] | None = None

    def due(self, waiting: Iterable[str], *, now: datetime) -> list[str]:
        """Those among all that wait now of which to remind; what waits no more is forgotten."""
        pause = timedelta(0) if self._next is None else FIRST
        known = self._next or {}
        self._next = {
            one: known.get(one, _Reminder(now + pause, FIRST + pause)) for one in dict.fromkeys(waiting)
        }
        return [one for one, reminder in self._next.items() if reminder.at <= now]

    def said(self, one: str, *, now: datetime) -> None:
        """Note that it was said again: it is due no more until twice the last pause is over."""
        then = self._next[one].then if self._next else FIRST
        self._next = {**(self._next or {}), one: _Reminder(now + then, 2 * then)}
