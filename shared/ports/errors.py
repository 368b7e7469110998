"""Errors the ports promise.

UjuziError
└── PortError
    ├── Unavailable      the other side did not answer, or cannot now: try again after `retry_after` seconds
    └── MailboxFull      as many envelopes wait for this wallet as are kept
"""

from shared.contracts.errors import UjuziError


class PortError(UjuziError):
    """Base class of the errors that ports promise."""


class Unavailable(PortError):
    """A part this service depends on cannot do its work now; the same request may succeed later.

    `part` and `stored` are what whoever asked is told: what is missing, and what became of the request.
    """

    part = "a part this service depends on"
    stored = "Nothing of this request was stored."

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        """`retry_after` is in seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class MailboxFull(Unavailable):
    """As many envelopes wait for this wallet as are kept."""

    part = "room for more envelopes"
