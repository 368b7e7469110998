"""Announces new lists on core NATS: whoever missed it polls."""

import json
import logging

import nats.errors
from nats.aio.client import Client

from shared.contracts.streams import TRUST_LISTS

log = logging.getLogger(__name__)


class NatsAnnouncer:
    """`AnnounceList` over a connection that may be away for a while."""

    def __init__(self, nats_client: Client) -> None:
        self._nats = nats_client

    async def __call__(self, *, name: str, url: str, number: int) -> None:
        """Announce; a failure is logged, never raised."""
        body = json.dumps({"name": name, "url": url, "sequence": number}).encode()
        try:
            await self._nats.publish(f"{TRUST_LISTS}.{name}", body)
        except (nats.errors.Error, OSError) as error:
            log.warning("list %s number %d could not be announced: %s", name, number, type(error).__name__)
