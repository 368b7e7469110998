"""An order to revoke many awards, which is carried out some at a time and goes on where it was after a crash."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

MOST_CHOSEN: Final = 500
"""Awards in one order; a whole cohort may have any number."""
ORDERS_KEPT: Final = timedelta(days=30)
"""After it is done. What it did stands in the history of each award."""


@dataclass(frozen=True, slots=True)
class RevocationOrder:
    """`batch_id`, or `award_ids` in their order; `position` is the last award that was looked at.

    `total` are the awards it concerned when it was given; `left_out` had ended, or ended while it was carried out. `by` is who
    gave it, as the audit log names him.
    """

    id: UUID
    organisation: str
    batch_id: UUID | None
    award_ids: tuple[UUID, ...]
    reason: str
    notify: bool
    by: str
    total: int
    asked_at: datetime
    position: UUID | None = None
    revoked: int = 0
    left_out: int = 0
    told: int = 0
    done_at: datetime | None = None


def go_on(
    order: RevocationOrder, position: UUID, *, revoked: int, left_out: int, told: int
) -> RevocationOrder:
    """Some more were looked at."""
    return replace(
        order,
        position=position,
        revoked=order.revoked + revoked,
        left_out=order.left_out + left_out,
        told=order.told + told,
    )


def finish(order: RevocationOrder, *, now: datetime) -> RevocationOrder:
    """Nothing is left to be done."""
    return replace(order, done_at=now)
