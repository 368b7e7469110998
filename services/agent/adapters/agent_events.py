"""ACA-Py's record events → JetStream, cut down to ids and states."""

import asyncio
import logging
import re
from collections.abc import Mapping

from acapy_agent.core.event_bus import EventBus, EventWithMetadata
from acapy_agent.core.profile import Profile

from services.agent.adapters.link import Link
from services.agent.domain.announcement import Announcement, announce
from shared.adapters.clock import new_id, utc_now
from shared.adapters.jetstream import JetStreamError, publish
from shared.contracts.agent_events import AgentEvent, is_news

LOGGER = logging.getLogger(__name__)

_RECORDS = re.compile(r"^acapy::record::([^:]+)(?:::.*)?$")
_ATTEMPTS = 5


class AnnounceAgentEvents:
    """Publishes each event once, under its own message id; of the agent's own wallet only what its service waits for.

    ACA-Py emits after its commit and from memory, so a crash can lose one: services also reconcile.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    def subscribe(self, bus: EventBus) -> None:
        """Listen to the agent."""
        bus.subscribe(_RECORDS, self._on_record)

    async def _on_record(self, profile: Profile, event: EventWithMetadata) -> None:
        if not isinstance(event.payload, Mapping):
            return
        topic = event.metadata.match.group(1)
        announcement = announce(topic, event.payload)
        if announcement is None:
            return
        of_learner = profile.settings.get("wallet.id") is not None
        if of_learner or is_news(
            announcement.topic, announcement.state
        ):  # the agent waits until it is stored
            await self._publish(profile, announcement)

    async def _publish(self, profile: Profile, announcement: Announcement) -> None:
        event = AgentEvent(
            event_id=new_id(),
            wallet_id=profile.settings.get("wallet.id"),
            topic=announcement.topic,
            record_id=announcement.record_id,
            state=announcement.state,
            role=announcement.role,
            connection_id=announcement.connection_id,
            thread_id=announcement.thread_id,
            invitation_msg_id=announcement.invitation_msg_id,
            at=utc_now(),
        )
        body = event.model_dump_json().encode()
        for attempt in range(_ATTEMPTS):
            try:
                await publish(self._link.jetstream, event.subject, body, message_id=event.event_id)
            except JetStreamError as error:
                LOGGER.warning("Event %s not stored yet: %s", event.event_id, type(error).__name__)
                await asyncio.sleep(0.2 * 2**attempt)
            else:
                return
        LOGGER.error("Event %s (%s %s) lost", event.event_id, event.topic, event.state)
