"""Envelopes kept in JetStream for locked wallets."""

from nats.js import JetStreamContext

from shared.adapters.jetstream import waiting
from shared.contracts import streams


class ParkedEnvelopes:
    """The port WaitingEnvelopes."""

    def __init__(self, jetstream: JetStreamContext, shard: str) -> None:
        self._jetstream = jetstream
        self._shard = shard

    async def count(self, wallet_id: str) -> int:
        """How many wait. Raises BusUnavailable."""
        return await waiting(self._jetstream, streams.DIDCOMM_PARKED, streams.parked_subject(wallet_id))

    async def forget(self, wallet_id: str) -> None:
        """Drop everything kept for a wallet that is no more."""
        for stream, subject in (
            (streams.DIDCOMM_PARKED, streams.parked_subject(wallet_id)),
            (streams.DIDCOMM_IN, streams.inbound_subject(wallet_id, self._shard)),
            (streams.DIDCOMM_POISON, streams.poison_subject(wallet_id)),
        ):
            await self._jetstream.purge_stream(stream.name, subject=subject)
