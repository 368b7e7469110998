"""DIDComm in: envelopes come from JetStream and are acknowledged once they are handled.

An envelope is handled when its protocol handler ended without an exception; what the handler sent is stored by
then (see jetstream_outbound). ACA-Py loads this module by path and takes the transport class it finds.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from typing import Any

import nats.errors
import nats.js.errors
from acapy_agent.core.profile import ProfileSession
from acapy_agent.multitenant.base import BaseMultitenantManager
from acapy_agent.transport.inbound.base import BaseInboundTransport
from acapy_agent.transport.inbound.receipt import MessageReceipt
from acapy_agent.transport.pack_format import PackWireFormat
from nats.js.api import RawStreamMsg

from services.agent.adapters.handled_envelopes import remember_handled, was_handled
from services.agent.adapters.jetstream_lease import ACK_WAIT
from services.agent.adapters.jetstream_outbound import NotStored
from services.agent.adapters.link import Link
from services.agent.adapters.measures import metrics_of
from services.agent.adapters.recipients import owner_of
from services.agent.adapters.sealed_wallets import SealedWallets
from services.agent.domain.command_line import MAX_ACTIVE
from services.agent.domain.envelope import recipient_keys
from services.agent.domain.owner import Owner
from services.agent.errors import HandlingFailed, NotAnEnvelope, NotForUs, WalletLocked
from services.agent.patches import failure_of
from shared.adapters.background import running
from shared.adapters.jetstream import Consumer, JetStreamError, Later, Message, Poison, publish
from shared.contracts import streams
from shared.ports.errors import Unavailable
from shared.ports.tracing import carrier_in, span
from shared.ports.turns import OneAtATime

LOGGER = logging.getLogger(__name__)

MAX_DELIVERIES = 6
_AFTER_LOCKING = 0.5
"""Seconds until an envelope comes again whose wallet was just being locked: then it is parked."""


class EncryptedOnly(PackWireFormat):  # type: ignore[misc]  # ACA-Py ships no types
    """ACA-Py takes what it cannot decrypt for plain text and handles that; here it is no envelope."""

    async def parse_message(
        self, session: ProfileSession, message_body: str | bytes
    ) -> tuple[dict[str, Any], MessageReceipt]:
        """What the envelope says. Raises NotAnEnvelope."""
        payload, receipt = await super().parse_message(session, message_body)
        if receipt.recipient_verkey is None:
            raise NotAnEnvelope("The envelope does not open with the key it names")
        return payload, receipt


class JetStreamInbound(BaseInboundTransport):  # type: ignore[misc]  # ACA-Py ships no types
    """Takes envelopes with as many workers as ACA-Py handles messages at once."""

    def __init__(self, host: str, port: int, create_session: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__("jetstream", create_session, wire_format=EncryptedOnly(), **options)
        self.host = host  # ACA-Py's start-up banner reads both
        self.port = port
        self._taking_in = OneAtATime()
        self._work = AsyncExitStack()
        self._in_hand: set[str] = set()

    async def start(self) -> None:
        """Begin to consume."""
        self._link: Link = self.root_profile.inject(Link)
        self._wallets: SealedWallets | None = self.root_profile.inject_or(BaseMultitenantManager)
        if self._wallets is not None:
            self._wallets.take_in_what_waited = self._take_in_what_waited
        consumer = Consumer(
            self._link.jetstream,
            streams.DIDCOMM_IN,
            self._link.lease.consumer,
            [streams.inbound_of(self._link.settings.shard)],
            self._take,
            workers=MAX_ACTIVE,
            ack_wait=ACK_WAIT,
            max_deliveries=MAX_DELIVERIES,
            poison_to=lambda message: streams.poison_subject(message.last_token),
        )
        await self._work.enter_async_context(metrics_of(self._link, self._wallets).served())
        await self._work.enter_async_context(running(lease=self._link.lease.run, inbound=consumer.run))

    async def stop(self) -> None:
        """Stop consuming; what is in hand is delivered again."""
        await self._work.aclose()

    async def _take(self, message: Message) -> None:
        """Handle one envelope, park it, or say why it never can be handled."""
        message_id = message.id or streams.inbound_message_id(message.data)
        if message_id in self._in_hand:
            raise Later(ACK_WAIT / 2, "this envelope is still being handled")
        self._in_hand.add(message_id)
        try:
            owner = await self._owner(message.data)
            if owner.wallet_id is None or not await self._parked(owner.wallet_id, message, message_id):
                await self._handle_once(owner, message.data, message_id)
        except (NotAnEnvelope, NotForUs) as error:
            raise Poison(str(error)) from error
        except WalletLocked as error:
            raise Later(_AFTER_LOCKING, str(error)) from error
        finally:
            self._in_hand.discard(message_id)

    async def _owner(self, envelope: bytes) -> Owner:
        for key in recipient_keys(envelope):
            owner = await owner_of(self.root_profile, key)
            if owner is not None:
                return owner
        raise NotForUs("Nobody here owns any of the recipient keys")

    async def _parked(self, wallet_id: str, message: Message, message_id: str) -> bool:
        """Put the envelope aside unless its wallet is open and has nothing waiting."""
        if self._wallets is None or self._wallets.state_of_known(wallet_id) == "open":
            return False
        async with self._wallets.mail(wallet_id):
            if self._wallets.state_of_known(wallet_id) == "open":
                return False
            await publish(
                self._link.jetstream,
                streams.parked_subject(wallet_id),
                message.data,
                message_id=message_id,
                headers={
                    key: message.headers[key]
                    for key in (streams.RECEIVED, streams.SHARD)
                    if key in message.headers
                },
            )
        return True

    async def _handle_once(self, owner: Owner, envelope: bytes, message_id: str) -> None:
        """Hand the envelope to ACA-Py and wait until it is through with it.

        Raises HandlingFailed, WalletLocked, Unavailable while nothing can be sent, or what ACA-Py raises while it unpacks.
        """
        await self._link.lease.still_held()
        if await was_handled(self.root_profile, message_id):
            return
        in_use = (
            nullcontext()
            if owner.wallet_id is None or self._wallets is None
            else self._wallets.in_use(owner.wallet_id)
        )
        async with in_use:
            session = await self.create_session(
                accept_undelivered=False, can_respond=False, client_info={"host": "jetstream"}
            )
            async with session:
                handled = await session.receive(envelope)
                await handled.wait_processing_complete()
        failure = failure_of(handled)
        if isinstance(failure, NotStored):
            raise Unavailable("what this envelope's handler sends cannot be stored now") from failure
        if failure is not None:
            raise HandlingFailed(type(failure).__name__)
        await remember_handled(self.root_profile, message_id)

    async def _take_in_what_waited(self, wallet_id: str) -> None:
        """Handle the parked envelopes of an opened wallet in the order they came, then settle the wallet."""
        async with self._taking_in(wallet_id):
            while True:
                try:
                    await self._take_in(wallet_id)
                except WalletLocked:
                    return
                except (Unavailable, JetStreamError, nats.errors.Error) as error:
                    LOGGER.warning("Envelopes of %s wait for NATS: %s", wallet_id, type(error).__name__)
                    await asyncio.sleep(1)
                else:
                    return

    async def _take_in(self, wallet_id: str) -> None:
        wallets = self._wallets
        if wallets is None:
            return
        after = 0
        while True:
            waiting = await self._next_parked(wallet_id, after)
            if waiting is None:
                async with wallets.mail(wallet_id):
                    waiting = await self._next_parked(wallet_id, after)
                    if waiting is None:
                        wallets.settle(wallet_id)
                        return
            await self._handle_parked(wallet_id, waiting)
            await self._link.lease.confirm()
            await self._link.jetstream.delete_msg(streams.DIDCOMM_PARKED.name, waiting.seq or 0)
            after = waiting.seq or 0

    async def _next_parked(self, wallet_id: str, after: int) -> RawStreamMsg | None:
        try:
            return await self._link.jetstream.get_msg(
                streams.DIDCOMM_PARKED.name,
                seq=after + 1,
                subject=streams.parked_subject(wallet_id),
                next=True,
            )
        except nats.js.errors.NotFoundError:
            return None

    async def _handle_parked(self, wallet_id: str, waiting: RawStreamMsg) -> None:
        envelope, headers = waiting.data or b"", waiting.headers or {}
        message_id = headers.get(streams.MESSAGE_ID) or streams.inbound_message_id(envelope)
        for attempt in range(1, MAX_DELIVERIES + 1):
            try:
                with span("take parked", kind="consumer", parent=carrier_in(headers)):
                    await self._handle_once(Owner(wallet_id), envelope, message_id)
            except (WalletLocked, Unavailable):
                raise
            except NotAnEnvelope as error:
                reason = str(error)
                break
            except Exception as error:  # noqa: BLE001  whatever a handler raises, the next envelope must come
                LOGGER.warning("Parked envelope %s, attempt %d: %s", message_id, attempt, error)
                reason = f"failed {attempt} times, at last with {type(error).__name__}"
                await asyncio.sleep(min(0.5 * 2 ** (attempt - 1), 8))
            else:
                return
        await publish(
            self._link.jetstream,
            streams.poison_subject(wallet_id),
            envelope,
            message_id=f"parked-{waiting.seq}",
            headers={streams.REASON: reason, **_shard_of(headers)},
        )


def _shard_of(headers: Mapping[str, str]) -> dict[str, str]:
    """So that the envelope finds its way back."""
    return {streams.SHARD: headers[streams.SHARD]} if streams.SHARD in headers else {}
