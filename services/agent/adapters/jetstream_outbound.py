"""DIDComm out: packed messages go to JetStream, and a sender outside delivers them.

ACA-Py loads this module by path and takes the transport class it finds.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from acapy_agent.core.profile import Profile
from acapy_agent.transport.outbound.base import BaseOutboundTransport, OutboundTransportError
from acapy_agent.transport.outbound.manager import QueuedOutboundMessage

from services.agent.adapters.link import Link
from shared.adapters.jetstream import ConditionFailed, JetStreamError, publish
from shared.contracts import streams

_LOOK_AGAIN = 0.1
ENVELOPE = "application/didcomm-envelope-enc"


class EndpointRefused(OutboundTransportError):  # type: ignore[misc]  # ACA-Py ships no types
    """The message is for an endpoint that is not http(s)."""


class NotStored(OutboundTransportError):  # type: ignore[misc]
    """JetStream did not take the message."""


class JetStreamOutbound(BaseOutboundTransport):  # type: ignore[misc]  # ACA-Py ships no types
    """Stores what the agent sends before the send returns.

    `is_external` makes ACA-Py await packing and `handle_message`; otherwise it would queue in memory and lose
    the message with the process. Neither error derives from OutboundDeliveryError, which ACA-Py swallows.
    """

    schemes = ("http", "https")
    is_external = True
    patience = 10.0
    """Seconds a send waits for NATS to come back."""

    async def start(self) -> None:
        """Find the plugin's connection."""
        self.link: Link = self.root_profile.inject(Link)
        # A cluster of NATS servers refuses a conditional message while another is under way.
        self._turn = asyncio.Lock()

    async def stop(self) -> None:
        """Hold nothing."""

    async def handle_message(
        self,
        profile: Profile,  # noqa: ARG002  given by ACA-Py
        outbound_message: QueuedOutboundMessage,
        endpoint: str | None,
        metadata: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> None:
        """Return once the packed message is stored. Raises EndpointRefused or NotStored."""
        if not endpoint or urlsplit(endpoint).scheme not in self.schemes:
            raise EndpointRefused(f"Expected an http(s) endpoint, found {(endpoint or 'none')[:80]!r}")
        await self._wait_for_nats()
        payload = outbound_message.payload
        body = payload.encode() if isinstance(payload, str) else payload
        try:
            with self.link.threads.within(getattr(outbound_message.message, "reply_thread_id", None)):
                async with self._turn:
                    await self._store(endpoint, body)
        except JetStreamError as error:
            raise NotStored(f"An outbound message is not stored: {error}") from error

    async def _store(self, endpoint: str, body: bytes) -> None:
        """Store it if the lease is held; NATS may have forgotten the claim, which is then made again."""
        for last in (False, True):
            try:
                await publish(
                    self.link.jetstream,
                    streams.outbound_subject(endpoint),
                    body,
                    message_id=streams.outbound_message_id(endpoint, body),
                    headers={
                        streams.ENDPOINT: endpoint,
                        streams.CONTENT_TYPE: ENVELOPE,
                        **self.link.lease.fence,
                    },
                )
            except ConditionFailed:
                if last:
                    raise
                await self.link.lease.confirm()
            else:
                return

    async def _wait_for_nats(self) -> None:
        """Bear a restart of NATS: a protocol handler that failed half-way cannot always be run again."""
        try:
            async with asyncio.timeout(self.patience):
                while not self.link.nats.is_connected:  # noqa: ASYNC110  the client tells nobody
                    await asyncio.sleep(_LOOK_AGAIN)
        except TimeoutError as error:
            raise NotStored("NATS is away: an outbound message is not stored") from error
