"""What comes in from the agent and from our own work queue."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from issuer.errors import AgentSilent, AgentTrouble, AwardChanged, NotReady
from issuer.ports import Stage
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.offer_award import OfferAward
from issuer.use_cases.prepare_definition import PrepareDefinition
from issuer.use_cases.publish_revocation import PublishRevocation
from issuer.use_cases.publish_status import PublishStatus
from shared.adapters.agent_events import event_in
from shared.adapters.jetstream import LONGEST_AWAY, Later, Message, Poison
from shared.contracts.agent_events import CONNECTIONS, ISSUE_CREDENTIAL, AgentEvent, is_news
from shared.ports.turns import OneAtATime, TakeTurns

log = logging.getLogger(__name__)

_LONGEST_PAUSE: Final = 60.0
_TOLD: Final = {"request-received": Stage.REQUESTED, "done": Stage.DONE}


@dataclass(frozen=True)
class AgentEvents:
    """Handles the agent's events; those of one connection one after the other, so that no offer is made twice."""

    offer_award: OfferAward
    follow_exchange: FollowExchange
    turns: TakeTurns = field(default_factory=OneAtATime)

    async def __call__(self, message: Message) -> None:
        """Return when the event's consequences are stored; raises to get it again."""
        event = event_in(message)
        connection = event.connection_id or event.record_id
        async with self.turns(f"connection {connection}"), _trying_again(message):
            await self._handle(event)

    async def _handle(self, event: AgentEvent) -> None:
        if not is_news(event.topic, event.state):
            return
        if event.topic == CONNECTIONS and event.invitation_msg_id:
            await self.offer_award(
                invitation_msg_id=event.invitation_msg_id,
                connection_id=event.connection_id or event.record_id,
            )
        elif event.topic == ISSUE_CREDENTIAL and event.role in {"issuer", None}:
            await self.follow_exchange(event.record_id, told=_TOLD.get(event.state))


@dataclass(frozen=True)
class MessageEvents:
    """Handles what learners write: an event only says that something lies at the agent."""

    take_messages: Callable[[], Awaitable[None]]

    async def __call__(self, message: Message) -> None:
        """Return when it is filed."""
        event_in(message)
        async with _trying_again(message):
            await self.take_messages()


class _DefinitionOrder(BaseModel):
    organisation: str | None = None
    """None in an order from before there were several: every start orders anew what is not made yet."""


@dataclass(frozen=True)
class DefinitionWork:
    """Handles orders to make an organisation's credential definition."""

    prepare_definition: PrepareDefinition

    async def __call__(self, message: Message) -> None:
        """Return when it is made."""
        try:
            order = _DefinitionOrder.model_validate_json(message.data)
        except ValidationError as error:
            raise Poison("not an order to make a credential definition") from error
        if order.organisation is None:
            return
        async with _trying_again(message):
            await self.prepare_definition(order.organisation)


class _RevocationOrder(BaseModel):
    revocation_id: UUID


@dataclass(frozen=True)
class RevocationWork:
    """Handles orders to publish a revocation."""

    publish_revocation: PublishRevocation

    async def __call__(self, message: Message) -> None:
        """Return when the published list shows it."""
        try:
            order = _RevocationOrder.model_validate_json(message.data)
        except ValidationError as error:
            raise Poison("not an order to publish a revocation") from error
        async with _trying_again(message):
            await self.publish_revocation(order.revocation_id)


class _StatusOrder(BaseModel):
    change_id: UUID


@dataclass(frozen=True)
class StatusWork:
    """Handles orders to suspend a credential or to take that back."""

    publish_status: PublishStatus

    async def __call__(self, message: Message) -> None:
        """Return when the published list shows it and the learner was told."""
        try:
            order = _StatusOrder.model_validate_json(message.data)
        except ValidationError as error:
            raise Poison("not an order to change a credential's status") from error
        async with _trying_again(message):
            await self.publish_status(order.change_id)


@asynccontextmanager
async def _trying_again(message: Message) -> AsyncIterator[None]:
    """Have the message delivered again, later each time, after what may go better then."""
    try:
        yield
    except (AgentTrouble, AwardChanged, NotReady) as error:
        away = isinstance(error, AgentSilent)
        longest = LONGEST_AWAY if away else _LONGEST_PAUSE
        pause = min(2.0 ** min(message.deliveries - 1, 10), longest)
        if not away:  # that it is away is told once, where it is noticed
            log.info("%s is tried again in %.0f s: %s", message.subject, pause, type(error).__name__)
        raise Later(pause) from error
