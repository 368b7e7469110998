"""What the agent told us and nobody has worked off, as NATS counts it."""

import nats.errors
from nats.js import JetStreamContext

from shared.contracts.streams import AGENT_EVENTS


class JetstreamWork:
    """The port CountWork, for one durable consumer of the agent's events."""

    def __init__(self, js: JetStreamContext, consumer: str) -> None:
        self._js = js
        self._consumer = consumer

    async def unworked(self) -> int | None:
        """Count events that wait or are being handled; None while NATS does not answer."""
        try:
            info = await self._js.consumer_info(AGENT_EVENTS.name, self._consumer)
        except (TimeoutError, OSError, nats.errors.Error):
            return None
        return (info.num_pending or 0) + (info.num_ack_pending or 0)
