"""Envelopes kept in JetStream until the agent has handled them."""

from nats.js import JetStreamContext

from shared.adapters.clock import utc_now
from shared.adapters.jetstream import SubjectFull, publish, waiting
from shared.contracts.streams import (
    DIDCOMM_PARKED,
    RECEIVED,
    inbound_message_id,
    inbound_subject,
    parked_subject,
)
from shared.ports.clock import Clock
from shared.ports.didcomm import Recipient

FULL_RETRY_SECONDS = 3600


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
        if recipient.wallet_id is not None:
            parked = await waiting(self._js, DIDCOMM_PARKED, parked_subject(recipient.wallet_id))
            if DIDCOMM_PARKED.per_subject is not None and parked >= DIDCOMM_PARKED.per_subject:
                raise SubjectFull(
                    f"{parked} envelopes wait for one locked wallet: no more are kept until it is opened",
                    retry_after=FULL_RETRY_SECONDS,
                )
        await publish(
            self._js,
            inbound_subject(recipient.wallet_id),
            envelope,
            message_id=inbound_message_id(envelope),
            headers={RECEIVED: self._clock().isoformat()},
        )
