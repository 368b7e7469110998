"""A whole wallet to take along: her sealed store, and the wrapped forms of the key that opens it."""

from dataclasses import dataclass
from datetime import datetime

from wallet.domain.unlock import UnlockMethod


@dataclass(frozen=True)
class Archive:
    """Whoever holds it can read nothing without one of its unlock methods."""

    exported_at: datetime
    methods: tuple[UnlockMethod, ...]
    store: bytes
