"""The machine's clock, and identifiers made from it."""

from datetime import UTC, datetime

from uuid6 import uuid7


def utc_now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A UUIDv7."""
    return str(uuid7())
