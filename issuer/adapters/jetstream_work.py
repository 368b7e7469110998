"""What the agent told us and nobody has worked off, as NATS counts it."""

import asyncio
from typing import Final

import nats.errors

from shared.adapters.jetstream import Bus
from shared.contracts.streams import AGENT_EVENTS

_SECONDS: Final = 1.0
"""A page is not kept waiting for a number."""


class JetstreamWork:
    """The port CountWork, for one durable consumer of the agent's events."""

    def __init__(self, bus: Bus, consumer: str) -> None:
        self._bus = bus
        self._consumer = consumer

    async def unworked(self) -> int | None:
        """Count events that wait or are being handled; None while NATS does not answer."""
        if not self._bus.nc.is_connected:
            return None
        try:
            async with asyncio.timeout(_SECONDS):
                info = await self._bus.js.consumer_info(AGENT_EVENTS.name, self._consumer)
        except (TimeoutError, OSError, nats.errors.Error):
            return None
        return (info.num_pending or 0) + (info.num_ack_pending or 0)
