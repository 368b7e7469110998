"""Envelopes kept in JetStream until the agent has handled them."""

from nats.js import JetStreamContext

from shared.adapters.clock import utc_now
from shared.adapters.jetstream import SubjectFull, publish, waiting
from shared.contracts.streams import (
    DIDCOMM_IN,
    DIDCOMM_PARKED,
    MAIN_SHARD,
    RECEIVED,
    SHARD,
    inbound_message_id,
    inbound_subject,
    parked_subject,
)
from shared.ports.clock import Clock
from shared.ports.didcomm import Recipient

FULL_RETRY_SECONDS = 3600
USUAL_BYTES = 64 * 1024
"""Offers, credentials, requests and messages are smaller; larger ones are taken while few wait."""
LARGE_AFTER = 4
"""So at most 4 of 2 MiB and 196 of 64 KiB, 20 MiB, wait for one wallet: a stranger who knows one wallet's key fills no more
of what all wallets share."""


class JetstreamMailbox:
    """The port KeepEnvelope."""

    def __init__(self, js: JetStreamContext, *, clock: Clock = utc_now) -> None:
        """Envelopes go to DIDCOMM_IN of `js`, each with the time it came."""
        self._js = js
        self._clock = clock

    async def __call__(self, recipient: Recipient, envelope: bytes) -> None:
        """Return once the envelope is stored; the same envelope again is stored only once.

        Raises SubjectFull if as many wait for this wallet as are kept, and BusUnavailable.
        """
        of_shard = {} if recipient.shard == MAIN_SHARD else {SHARD: recipient.shard}
        if recipient.wallet_id is not None:
            await self._check_room(recipient, recipient.wallet_id, len(envelope))
        await publish(
            self._js,
            inbound_subject(recipient.wallet_id, recipient.shard),
            envelope,
            message_id=inbound_message_id(envelope),
            headers={RECEIVED: self._clock().isoformat(), **of_shard},
        )

    async def _check_room(self, recipient: Recipient, wallet_id: str, size: int) -> None:
        """Raises SubjectFull."""
        if recipient.full:
            raise SubjectFull(
                "the wallet is as large as one may be and takes in nothing new",
                retry_after=FULL_RETRY_SECONDS,
            )
        parked = await waiting(self._js, DIDCOMM_PARKED, parked_subject(wallet_id))
        if DIDCOMM_PARKED.per_subject is not None and parked >= DIDCOMM_PARKED.per_subject:
            raise SubjectFull(
                f"{parked} envelopes wait for one locked wallet: no more are kept until it is opened",
                retry_after=FULL_RETRY_SECONDS,
            )
        if size > USUAL_BYTES:
            waits = parked + await waiting(self._js, DIDCOMM_IN, inbound_subject(wallet_id, recipient.shard))
            if waits >= LARGE_AFTER:
                raise SubjectFull(
                    f"{waits} envelopes wait for one wallet: until it is opened only those of {USUAL_BYTES} bytes or less are kept",
                    retry_after=FULL_RETRY_SECONDS,
                )
