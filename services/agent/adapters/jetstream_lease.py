"""The lease, fenced by NATS itself: whoever lost it sends nothing, takes nothing and acknowledges nothing.

A lease is on one shard: a folder of stores with what comes in for them. Shards do not meet, but for NATS's account.

1. A claim is a message on a subject of its own in the stream of outbound envelopes. Each envelope that leaves names the
   sequence of its sender's claim; NATS stores none whose claim is not the last one.
2. Inbound envelopes come over a consumer named after the claim. A work queue has one consumer for a subject: the new
   holder replaces the old one, and the old holder's fetches and acknowledgements lead nowhere.
3. A holder that is alive answers when it is asked, and is not displaced.

The lock on the folder (`store_folder`) keeps two processes out of one folder. This fences what a lock cannot: a folder that
was copied, or a volume that moved to another machine, while the process that had it was only paused.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from math import inf

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pydantic import TypeAdapter, ValidationError

from services.agent.adapters.store_folder import StoreFolder
from services.agent.domain.lease import Claim, next_number, standing, to_renew
from services.agent.errors import LeaseHeld, LeaseLost
from shared.adapters.clock import new_id, utc_now
from shared.adapters.jetstream import (
    PUBLISH_TIMEOUT,
    BusUnavailable,
    ConditionFailed,
    JetStreamError,
    consumer_config,
    publish,
)
from shared.contracts import streams

LOGGER = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
STALE_SECONDS = 3 * BEAT_SECONDS
"""Who has not looked for so long, with or without an answer, was paused, and looks before it does anything."""
ANSWER_SECONDS = 15.0
"""So long a holder on a busy machine may take to answer before it is taken for gone."""
ASK_AGAIN_SECONDS = 0.5
ACK_WAIT = 10.0
"""Seconds after which an envelope in hand is delivered again; a working agent says that it still works."""
OLDEST_NATS = (2, 11)
"""The first version that lets a message depend on the last one of another subject."""
SHARED_CONSUMER = "agent"

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_EXPECTED_OF = "Nats-Expected-Last-Subject-Sequence-Subject"
_NOT_UNIQUE = 10100
_CLAIM = TypeAdapter(Claim)
_UNREADABLE = Claim(0, "", "another process")


class JetStreamLease:
    """The port Lease, for a folder of stores. Losing it calls `lost`, which ends the process."""

    def __init__(
        self, client: Client, folder: StoreFolder, claim: Claim, lost: Callable[[str], None]
    ) -> None:
        self._shard = folder.shard
        self._subject = streams.owner_subject(folder.shard)
        self._client = client
        self._js: JetStreamContext = client.jetstream(timeout=PUBLISH_TIMEOUT)
        self._folder = folder  # locked as long as somebody refers to it
        self._claim = claim
        self._lost = lost
        self._sequence = 0
        self._looked = float("-inf")
        self._turn = asyncio.Lock()
        of_shard = "" if self._shard == streams.MAIN_SHARD else f"{self._shard}-"
        self.consumer = f"agent-{of_shard}{claim.number}-{claim.id}"

    @property
    def fence(self) -> Mapping[str, str]:
        """Headers with which NATS stores a message only while this claim is the last one."""
        return {_EXPECTED: str(self._sequence), _EXPECTED_OF: self._subject}

    async def confirm(self) -> None:
        """Ask NATS; claim again what it forgot. Raises LeaseLost, or BusUnavailable when it cannot be told."""
        async with self._turn:
            while True:
                seen, sequence, since = await _last_claim(self._js, self._subject)
                where = standing(self._claim, seen)
                if where == "lost":
                    why = f"its stores now belong to {(seen or _UNREADABLE).holder}"
                    self._lost(why)
                    raise LeaseLost(why)
                if where == "held" and since is not None and not to_renew(since, now=utc_now()):
                    break
                await _put_claim(self._js, self._subject, self._claim, after=sequence)
            self._sequence = sequence
            self._looked = asyncio.get_running_loop().time()

    async def still_held(self) -> None:
        """Confirm after a pause; while NATS is away nothing leaves or comes in, and work goes on. Raises LeaseLost."""
        if asyncio.get_running_loop().time() - self._looked >= STALE_SECONDS:
            await self._look()

    async def run(self) -> None:
        """Confirm at every beat, and answer who asks, until cancelled."""
        asked = await self._client.subscribe(_who(self._shard), cb=self._answer)
        try:
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                await self._look()
        finally:
            await asked.unsubscribe()

    async def shut_out_others(self) -> None:
        """Take the inbound consumer's place, and forget earlier claims. Raises BusUnavailable."""
        try:
            while True:
                await delete_other_consumers(self._js, self.consumer, self._shard)
                try:
                    await self._js.add_consumer(
                        streams.DIDCOMM_IN.name,
                        consumer_config(self.consumer, [streams.inbound_of(self._shard)], ack_wait=ACK_WAIT),
                    )
                except nats.js.errors.BadRequestError as error:
                    if error.err_code != _NOT_UNIQUE:
                        raise
                else:
                    break
            await self._js.purge_stream(streams.DIDCOMM_OUT.name, subject=self._subject, keep=1)
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise BusUnavailable(f"the inbound consumer was not made: {type(error).__name__}") from error

    async def _look(self) -> None:
        try:
            await self.confirm()
        except JetStreamError as error:
            LOGGER.debug("The lease could not be confirmed: %s", type(error).__name__)
        finally:
            self._looked = asyncio.get_running_loop().time()

    async def _answer(self, asked: Msg) -> None:
        await asked.respond(_CLAIM.dump_json(self._claim))


class SharedLease:
    """The port Lease for stores in PostgreSQL, which agents of one party share: nothing to hold, nothing to lose."""

    consumer = SHARED_CONSUMER
    fence: Mapping[str, str] = {}

    async def confirm(self) -> None:
        """There is always leave."""

    async def still_held(self) -> None:
        """There is always leave."""

    async def run(self) -> None:
        """Nothing to do."""


async def take_lease(
    client: Client, folder: StoreFolder, *, holder: str, lost: Callable[[str], None], patience: float | None
) -> JetStreamLease:
    """The lease on the stores of a locked folder. Raises LeaseHeld if their holder still answers after `patience` seconds.

    None waits for as long as it answers.

    Raises BusUnavailable, also for a server that cannot fence.
    """
    version = client.connected_server_version
    if (version.major, version.minor) < OLDEST_NATS:
        raise BusUnavailable(f"expected NATS 2.11 or later, which can fence a lost lease, found {version}")
    await _wait_until_nobody_answers(client, folder.shard, patience)
    js = client.jetstream(timeout=PUBLISH_TIMEOUT)
    seen, _, _ = await _last_claim(js, streams.owner_subject(folder.shard))
    claim = Claim(next_number(folder.number, seen), new_id(), holder)
    folder.keep(claim.number, holder)
    lease = JetStreamLease(client, folder, claim, lost)
    await lease.confirm()
    await lease.shut_out_others()
    return lease


async def delete_other_consumers(js: JetStreamContext, mine: str, shard: str = streams.MAIN_SHARD) -> None:
    """Leave no consumer of a shard's inbound envelopes but one."""
    of_shard = streams.inbound_of(shard)
    for other in await js.consumers_info(streams.DIDCOMM_IN.name):
        subjects = other.config.filter_subjects or []
        if other.name != mine and of_shard in {other.config.filter_subject, *subjects}:
            try:
                await js.delete_consumer(streams.DIDCOMM_IN.name, other.name)
            except nats.js.errors.NotFoundError:
                continue


async def _wait_until_nobody_answers(client: Client, shard: str, patience: float | None) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (inf if patience is None else patience)
    while True:
        try:
            answer = await client.request(_who(shard), b"", timeout=ANSWER_SECONDS)
        except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
            return
        except nats.errors.Error as error:
            raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error
        if loop.time() >= deadline:
            raise LeaseHeld(
                f"this party's envelopes are handled by {_read(answer.data).holder}, which still runs: "
                "end it, or give this agent another shard or a NATS account of its own"
            )
        await asyncio.sleep(ASK_AGAIN_SECONDS)


async def _last_claim(js: JetStreamContext, subject: str) -> tuple[Claim | None, int, datetime | None]:
    """The claim that NATS keeps, its sequence and when it was stored; None, 0, None if it keeps none."""
    try:
        found = await js.get_last_msg(streams.DIDCOMM_OUT.name, subject)
    except nats.js.errors.NotFoundError:
        return None, 0, None
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error
    return _read(found.data or b""), found.seq or 0, found.time


async def _put_claim(js: JetStreamContext, subject: str, claim: Claim, *, after: int) -> None:
    """Store the claim unless another came since; the caller looks again either way."""
    try:
        await publish(
            js,
            subject,
            _CLAIM.dump_json(claim),
            message_id=new_id(),
            headers={_EXPECTED: str(after)},
        )
    except ConditionFailed:
        return


def _who(shard: str) -> str:
    """The subject on which the holder of a shard answers."""
    return "agent.owner" if shard == streams.MAIN_SHARD else f"agent.owner.{shard}"


def _read(body: bytes) -> Claim:
    try:
        return _CLAIM.validate_json(body)
    except ValidationError:
        return _UNREADABLE
