"""What comes in from the agent and from our own work queue."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import ValidationError

from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.offer_award import OfferAward
from issuer.use_cases.prepare_definition import PrepareDefinition
from issuer.use_cases.publish_revocation import PublishRevocation
from shared.adapters.jetstream import Message, Poison
from shared.contracts.agent_events import CONNECTIONS, ISSUE_CREDENTIAL, AgentEvent

_CONNECTED: Final = frozenset({"active", "completed"})


@dataclass(frozen=True)
class AgentEvents:
    """Handles the agent's events; those of one connection one after the other, so that no offer is made twice."""

    offer_award: OfferAward
    follow_exchange: FollowExchange
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def __call__(self, message: Message) -> None:
        """Return when the event's consequences are stored; raises to get it again."""
        try:
            event = AgentEvent.model_validate_json(message.data)
        except ValidationError as error:
            raise Poison("not an agent event") from error
        lock = self._locks.setdefault(event.connection_id or event.record_id, asyncio.Lock())
        async with lock:
            await self._handle(event)

    async def _handle(self, event: AgentEvent) -> None:
        if event.topic == CONNECTIONS and event.state in _CONNECTED and event.invitation_msg_id:
            await self.offer_award(
                invitation_msg_id=event.invitation_msg_id,
                connection_id=event.connection_id or event.record_id,
            )
        elif event.topic == ISSUE_CREDENTIAL and event.role in {"issuer", None}:
            await self.follow_exchange(event.record_id)


@dataclass(frozen=True)
class DefinitionWork:
    """Handles the order to make the credential definition."""

    prepare_definition: PrepareDefinition

    async def __call__(self, _message: Message) -> None:
        """Return when it is made."""
        await self.prepare_definition()


@dataclass(frozen=True)
class RevocationWork:
    """Handles orders to publish a revocation."""

    publish_revocation: PublishRevocation

    async def __call__(self, message: Message) -> None:
        """Return when the published list shows it."""
        try:
            revocation_id = UUID(json.loads(message.data)["revocation_id"])
        except (ValueError, KeyError, TypeError) as error:
            raise Poison("not an order to publish a revocation") from error
        await self.publish_revocation(revocation_id)
