"""`/v1/webhooks`: addresses of a platform's software that are told what happens, and what became of telling them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.errors import UjuziError
from shared.contracts.webhooks import TEST_EVENT
from shared.ports.api_keys import Caller
from shared.ports.clock import Clock
from shared.ports.webhooks import (
    LONGEST_OLD_SECRET_KEPT,
    OLD_SECRET_KEPT,
    Because,
    Delivery,
    DeliveryState,
    DeliveryUnknown,
    KeepWebhooks,
    Webhook,
    WebhookRefused,
    WebhookUnknown,
)
from shared.web.auth import require_scope
from shared.web.pagination import Page, PageQuery, page_of
from shared.web.problems import ProblemMap

SCOPE: Final = "webhooks:write"
PROBLEMS: Final[ProblemMap] = {WebhookUnknown: 404, DeliveryUnknown: 404, WebhookRefused: 422}
STRICT: Final = ConfigDict(extra="forbid")
HOUR: Final = timedelta(hours=1)

type Examine = Callable[[str], Awaitable[None]]
"""Raises UjuziError, saying why, if an address is not one to be called."""
type WebhooksOf = Callable[[Caller], KeepWebhooks]
"""The webhooks whoever asks may see: his organisation's, where a service has several."""
Developer = Annotated[Caller, Depends(require_scope(SCOPE))]


class NewWebhook(BaseModel):
    """Where to tell, and of what; without `events` of everything, also of what later versions add."""

    model_config = STRICT

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    events: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)] = []
    description: Annotated[str, Field(max_length=200)] = ""


class Rotation(BaseModel):
    """How long the old secret signs too; 0 when it is known to somebody else."""

    model_config = STRICT

    keep_old_hours: Annotated[int, Field(ge=0, le=LONGEST_OLD_SECRET_KEPT // HOUR)] = OLD_SECRET_KEPT // HOUR


class ReplaySince(BaseModel):
    """Which deliveries to send again: those made since then that were not delivered, or with `delivered_too` all."""

    model_config = STRICT

    since: AwareDatetime
    delivered_too: bool = False


class WebhookBody(BaseModel):
    """A webhook. It is disabled because somebody `asked`, its address is `gone` (410), or it was `failing` for days."""

    id: str
    url: str
    description: str
    events: list[str]
    state: Literal["enabled", "disabled"]
    disabled_because: Because | None
    disabled_at: datetime | None
    failing_since: datetime | None
    old_secret_until: datetime | None
    created_at: datetime


class WebhookMade(BaseModel):
    """A webhook and its secret (`whsec_` and base64), which is shown only here."""

    webhook: WebhookBody
    secret: str


class AttemptBody(BaseModel):
    """One try: the status that was answered, or why there was none."""

    at: datetime
    status: int | None
    problem: str | None


class DeliveryBody(BaseModel):
    """One message for one webhook. `message_id` is the header `webhook-id`; `held` waits for a replay."""

    id: str
    message_id: str
    type: str
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None
    attempts: list[AttemptBody]


class Replayed(BaseModel):
    """How many are sent again."""

    deliveries: int


class EventBody(BaseModel):
    """A type of event, and when it comes."""

    type: str
    description: str


def webhooks_router(
    of: WebhooksOf, *, events: Mapping[str, str], examine: Examine, clock: Clock
) -> APIRouter:
    """`/v1/webhooks`, for the scope webhooks:write. `events` are the service's types with what each tells."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.get("/events")
    async def list_events(_: Developer) -> list[EventBody]:
        """The types of events there are."""
        return [EventBody(type=name, description=text) for name, text in events.items()]

    @router.get("")
    async def list_webhooks(caller: Developer) -> list[WebhookBody]:
        """Every webhook, oldest first."""
        return [show(each) for each in await of(caller).all()]

    @router.post("", status_code=201)
    async def create(caller: Developer, body: NewWebhook) -> WebhookMade:
        """Tell this address; verify what arrives with the secret, which is shown only here."""
        await check(body.url, body.events, events, examine)
        made, secret = await of(caller).create(
            body.url, events=body.events, description=body.description, now=clock()
        )
        return WebhookMade(webhook=show(made), secret=secret)

    @router.get("/{webhook_id}")
    async def read(caller: Developer, webhook_id: str) -> WebhookBody:
        """One webhook."""
        return show(await of(caller).find(webhook_id))

    _add_changes(router, of, clock)
    _add_deliveries(router, of, clock)

    @router.delete("/{webhook_id}", status_code=204)
    async def delete(caller: Developer, webhook_id: str) -> None:
        """Forget it, its secret and its deliveries."""
        await of(caller).delete(webhook_id)

    return router


def _add_changes(router: APIRouter, of: WebhooksOf, clock: Clock) -> None:
    @router.post("/{webhook_id}/disable")
    async def disable(caller: Developer, webhook_id: str) -> WebhookBody:
        """Send it nothing more; what happens meanwhile is held and can be replayed."""
        return show(await of(caller).disable(webhook_id, now=clock()))

    @router.post("/{webhook_id}/enable")
    async def enable(caller: Developer, webhook_id: str) -> WebhookBody:
        """Send to it again; what was held stays so until it is replayed."""
        return show(await of(caller).enable(webhook_id))

    @router.post("/{webhook_id}/rotate-secret")
    async def rotate(caller: Developer, webhook_id: str, body: Rotation) -> WebhookMade:
        """Make a new secret, shown only here; the old one signs too until `old_secret_until`."""
        made, secret = await of(caller).rotate(webhook_id, keep_old=body.keep_old_hours * HOUR, now=clock())
        return WebhookMade(webhook=show(made), secret=secret)

    @router.post("/{webhook_id}/test", status_code=202)
    async def test(caller: Developer, webhook_id: str) -> DeliveryBody:
        """Send an event of type `webhook.test`."""
        return show_delivery(await of(caller).test(webhook_id, now=clock()))


def _add_deliveries(router: APIRouter, of: WebhooksOf, clock: Clock) -> None:
    @router.get("/{webhook_id}/deliveries")
    async def list_deliveries(caller: Developer, webhook_id: str, asked: PageQuery) -> Page[DeliveryBody]:
        """What was sent and is to be sent, newest first; kept for 30 days."""
        rows = await of(caller).deliveries(webhook_id, after=asked.after, limit=asked.limit + 1)
        return page_of(rows, asked, key=lambda row: row.id, show=show_delivery)

    @router.post("/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
    async def replay(caller: Developer, webhook_id: str, delivery_id: str) -> DeliveryBody:
        """Send one again, with the same `webhook-id` and all retries."""
        return show_delivery(await of(caller).replay(webhook_id, delivery_id, now=clock()))

    @router.post("/{webhook_id}/replay", status_code=202)
    async def replay_since(caller: Developer, webhook_id: str, body: ReplaySince) -> Replayed:
        """Send again what was made since then and did not arrive."""
        count = await of(caller).replay_since(
            webhook_id, body.since, delivered_too=body.delivered_too, now=clock()
        )
        return Replayed(deliveries=count)


async def check(url: str, chosen: list[str], events: Mapping[str, str], examine: Examine) -> None:
    """Raises WebhookRefused unless this address may be called and there are such events."""
    unknown = sorted(set(chosen) - events.keys() - {TEST_EVENT})
    if unknown:
        raise WebhookRefused(
            f"Expected events among {', '.join(events)}; found {', '.join(name[:40] for name in unknown)}."
        )
    try:
        await examine(url)
    except UjuziError as error:
        raise WebhookRefused(f"This address cannot be called. {error}") from error


def show(webhook: Webhook) -> WebhookBody:
    """A webhook as the API says it."""
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        events=list(webhook.events),
        state="enabled" if webhook.disabled_at is None else "disabled",
        disabled_because=webhook.disabled_because,
        disabled_at=webhook.disabled_at,
        failing_since=webhook.failing_since,
        old_secret_until=webhook.old_secret_until,
        created_at=webhook.created_at,
    )


def show_delivery(delivery: Delivery) -> DeliveryBody:
    """A delivery as the API says it."""
    return DeliveryBody(
        id=delivery.id,
        message_id=delivery.message_id,
        type=delivery.type,
        state=delivery.state,
        created_at=delivery.created_at,
        next_at=delivery.next_at,
        attempts=[
            AttemptBody(at=each.at, status=each.status, problem=each.problem) for each in delivery.attempts
        ],
    )
