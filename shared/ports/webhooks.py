"""Where a platform's software is told of what happens, and what became of telling it.

WebhookError
├── WebhookUnknown       no webhook has that id
├── DeliveryUnknown      that webhook has no such delivery
└── WebhookRefused       an address or a choice of events that no webhook can have
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from shared.contracts.errors import UjuziError

MOST_WEBHOOKS = 50
DELIVERIES_KEPT = timedelta(days=30)
"""So long a delivery can be looked at and sent again."""
GIVEN_UP_AFTER = timedelta(days=5)
"""A webhook whose address took nothing for so long is disabled."""
OLD_SECRET_KEPT = timedelta(hours=24)
LONGEST_OLD_SECRET_KEPT = timedelta(days=7)

type Because = Literal["asked", "gone", "failing"]
"""Why a webhook is disabled: somebody asked for it, its address answered 410, or it took nothing for days."""
type DeliveryState = Literal["waiting", "delivered", "failed", "held"]
"""`held`: its webhook was disabled before it could be delivered; nobody tries until it is replayed."""


class WebhookError(UjuziError):
    """Base class of what is refused about webhooks."""


class WebhookUnknown(WebhookError):
    """No webhook has that id."""


class DeliveryUnknown(WebhookError):
    """That webhook has no such delivery."""


class WebhookRefused(WebhookError):
    """An address or a choice of events that no webhook can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is told; without `events` it is told everything."""

    id: str
    url: str
    description: str
    events: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_because: Because | None = None
    failing_since: datetime | None = None
    """When the first of the tries failed after which none succeeded."""
    old_secret_until: datetime | None = None
    """Until then the secret before this one signs too."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the status that came, or what kept one from coming; never a body."""

    at: datetime
    status: int | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message for one webhook. `message_id` is the header `webhook-id`: the same however often it is sent."""

    id: str
    webhook_id: str
    message_id: str
    type: str
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None
    attempts: tuple[Attempt, ...]


class KeepWebhooks(Protocol):
    """Remembers webhooks and deliveries; secrets are sealed."""

    async def create(
        self, url: str, *, events: Sequence[str], description: str, now: datetime
    ) -> tuple[Webhook, str]:
        """Keep a webhook; its secret is returned only here. Raises WebhookRefused when there are too many."""

    async def all(self) -> Sequence[Webhook]:
        """Every webhook, oldest first."""

    async def find(self, webhook_id: str) -> Webhook:
        """One webhook. Raises WebhookUnknown."""

    async def disable(self, webhook_id: str, *, now: datetime) -> Webhook:
        """Tell it nothing more; what waits is held. Raises WebhookUnknown."""

    async def enable(self, webhook_id: str) -> Webhook:
        """Tell it again, from now on. Raises WebhookUnknown."""

    async def delete(self, webhook_id: str) -> None:
        """Forget it with its deliveries. Raises WebhookUnknown."""

    async def rotate(self, webhook_id: str, *, keep_old: timedelta, now: datetime) -> tuple[Webhook, str]:
        """Make a new secret; the old one signs too for `keep_old`. Raises WebhookUnknown."""

    async def test(self, webhook_id: str, *, now: datetime) -> Delivery:
        """Send an event of type `webhook.test`. Raises WebhookUnknown, and WebhookRefused while it is disabled."""

    async def deliveries(self, webhook_id: str, *, after: str | None, limit: int) -> Sequence[Delivery]:
        """Deliveries, newest first, from behind the id `after`. Raises WebhookUnknown."""

    async def replay(self, webhook_id: str, delivery_id: str, *, now: datetime) -> Delivery:
        """Send one again. Raises WebhookUnknown, DeliveryUnknown, and WebhookRefused while it is disabled."""

    async def replay_since(
        self, webhook_id: str, since: datetime, *, delivered_too: bool, now: datetime
    ) -> int:
        """Send all again that were made since then and not delivered; returns how many.

        Raises WebhookUnknown, and WebhookRefused while it is disabled.
        """
