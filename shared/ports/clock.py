"""Time and identifiers, passed in wherever they are needed."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """The present moment, aware and in UTC."""


class NewId(Protocol):
    """Makes identifiers."""

    def __call__(self) -> str:
        """A UUIDv7 never returned before."""
