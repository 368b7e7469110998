"""NATS JetStream: connect, make the streams, publish durably, consume with acknowledgement after the work.

JetStreamError
├── BusUnavailable   NATS does not answer, or did not confirm: nothing is known to be stored
├── SubjectFull      the stream keeps no more messages for this subject
├── ConditionFailed  the message was to be stored on a condition only, and that does not hold
Told by a handler to its Consumer:
├── Poison           this message can never be handled: give it up, with a reason
└── Later            not now: deliver it again after some seconds
"""

import asyncio
import json
import logging
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StatusCode,
    StorageType,
    StreamConfig,
)

from shared.adapters.outage import Outage
from shared.contracts.errors import UjuziError
from shared.contracts.streams import MESSAGE_ID, REASON, STREAMS, Stream
from shared.ports.errors import MailboxFull, Unavailable
from shared.ports.metrics import MESSAGE_SECONDS, MESSAGES
from shared.ports.tracing import carried, carrier_in, span

log = logging.getLogger(__name__)

PUBLISH_TIMEOUT = 5.0
CONFIRM_SECONDS = 2.0
"""How long a message's confirmation is waited for before it is sent again under the same id."""
CHOOSE_SECONDS = 0.25
"""Between two tries while a cluster chooses who keeps a stream."""
CONNECT_TIMEOUT = 10.0
PING_SECONDS = 10
"""A server that hangs is taken for lost after three of these."""
JOIN_SECONDS = 3.0
"""How long a starting service waits for NATS before it goes on without."""
FETCH_SECONDS = 5.0
"""A request that NATS lost in a restart is missed for so long."""
LAST_SECONDS = 1.0
"""How long a consumer that stops waits for what is on its way."""
FORGOTTEN_SECONDS = 600.0
"""A consumer of a process that is no more goes after so long."""
LONGEST_PAUSE = 60.0
LONGEST_AWAY = 15.0
"""Between two tries of what a part that is away keeps from being done: so soon it goes on when the part is back."""
HAND_BACK_SECONDS = 0.5
"""Long enough that a message handed back does not go to another worker that is stopping as well."""
MAX_ACK_PENDING = 20_000
STREAM_FULL_CODES = frozenset({10077, 10047, 10002, 10023})
"""NATS's error codes for a subject, a stream, an account or a server that takes no more messages."""
CONDITION_CODES = frozenset({10071, 10164})
"""NATS's error codes for a last sequence that is not the expected one."""
STILL_STORING_CODE = 10158
"""NATS's error code for a message id that a cluster has taken and not stored on most servers yet."""


class JetStreamError(UjuziError):
    """Base class of this module's errors."""


class BusUnavailable(JetStreamError, Unavailable):
    """NATS does not answer, or did not confirm that a message is stored."""

    part = "the message bus (NATS)"


class SubjectFull(JetStreamError, MailboxFull):
    """The stream keeps no more messages for this subject."""


class ConditionFailed(JetStreamError):
    """The message was to be stored on a condition only (a header `Nats-Expected-…`), and that does not hold."""


class Poison(JetStreamError):
    """Raised by a handler: this message can never be handled, for this reason."""


class Later(JetStreamError):
    """Raised by a handler: deliver this message again after `seconds`."""

    def __init__(self, seconds: float, why: str = "") -> None:
        """`why` goes to the log."""
        super().__init__(why or f"again in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Message:
    """A message as a handler sees it; `deliveries` is 1 the first time."""

    subject: str
    data: bytes
    headers: Mapping[str, str]
    deliveries: int
    sequence: int
    stored: datetime

    @property
    def id(self) -> str | None:
        """The publisher's message id."""
        return self.headers.get(MESSAGE_ID)

    @property
    def last_token(self) -> str:
        """The subject's last token, e.g. a wallet id."""
        return self.subject.rsplit(".", 1)[-1]


type Handler = Callable[[Message], Awaitable[None]]


async def connect(
    url: str,
    user: str,
    password: str,
    *,
    ca_file: str | None = None,
    timeout: float = CONNECT_TIMEOUT,  # noqa: ASYNC109 - part of the promise
) -> Client:
    """Return a client that reconnects for ever once it was connected; raises BusUnavailable.

    A server at tls:// must show a certificate signed by an authority in `ca_file` (PEM), else by one the system trusts.
    `url` names one server or, separated by commas, some of a cluster's: whichever answers will do.
    """
    client = Client()
    try:
        async with asyncio.timeout(timeout):
            await _connect(client, url, user, password, ca_file)
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise _no_server(url, error, timeout) from error
    return client


async def close(client: Client) -> None:
    """Close the connection, whatever state it is in."""
    try:
        await client.close()
    except Exception as error:  # noqa: BLE001 - nats-py fails in many ways if it holds data it could not send
        log.warning("NATS connection closed with unsent data: %s", type(error).__name__)


async def _connect(client: Client, url: str, user: str, password: str, ca_file: str | None) -> None:
    """Try until it is connected; from then on it reconnects by itself."""
    outage = Outage(f"NATS at {_without_password(url)}")

    async def note(error: Exception) -> None:
        if client.is_connected:
            log.warning("NATS connection: %s", type(error).__name__)
        else:
            outage.away(f"{type(error).__name__} (is it running, and are user and password right?)")

    async def lost() -> None:
        if not client.is_closed:
            outage.away("the connection was lost")

    async def found() -> None:
        outage.back()

    await client.connect(
        servers_of(url),
        tls=_trusting(ca_file) if "tls://" in url else None,
        user=user,
        password=password,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=PING_SECONDS,
        max_outstanding_pings=2,
        error_cb=note,
        disconnected_cb=lost,
        reconnected_cb=found,
    )
    outage.back()


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Raises BusUnavailable where there is no such file, or nothing in it."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise BusUnavailable(
            f"expected certificates as PEM in {ca_file} to know NATS by, found none ({error})"
        ) from error


def _no_server(url: str, error: Exception, seconds: float) -> BusUnavailable:
    return BusUnavailable(
        f"expected a NATS server at {_without_password(url)} within {seconds:.0f} s, "
        f"found {type(error).__name__}: is it running, and are user and password right?"
    )


def servers_of(url: str) -> list[str]:
    """The servers that an address names, which holds one or several with commas between."""
    return [server.strip() for server in url.split(",") if server.strip()]


def _without_password(url: str) -> str:
    return ", ".join(server.rsplit("@", 1)[-1] for server in servers_of(url))


class JetStream(JetStreamContext):
    """JetStream over a connection; each stream made by it is kept by `copies` servers of the cluster."""

    def __init__(self, client: Client, *, copies: int = 1) -> None:
        """`copies` is 1 where there is one server; 3 outlives the loss of one server."""
        super().__init__(client, timeout=PUBLISH_TIMEOUT)
        self.copies = copies


class Bus:
    """One party's connection to NATS as an async context manager: connected inside, streams made."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        ca_file: str | None = None,
        copies: int = 1,
        streams: Sequence[Stream] = STREAMS,
    ) -> None:
        """Nothing happens before `async with`. `url` and `ca_file` as in `connect`, `copies` as in JetStream."""
        self._where = (url, user, password, ca_file)
        self._streams = streams
        self._ready = asyncio.Event()
        self.nc = Client()
        self.js: JetStreamContext = JetStream(self.nc, copies=copies)

    async def __aenter__(self) -> Self:
        """Connect and make the streams; raises BusUnavailable."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await _connect(self.nc, *self._where)
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise _no_server(self._where[0], error, CONNECT_TIMEOUT) from error
        await ensure_streams(self.js, self._streams)
        self._ready.set()
        return self

    @asynccontextmanager
    async def joining(self) -> AsyncIterator[Self]:
        """Inside, connected as soon as the server can be had: a service starts without, and is not ready."""
        task = asyncio.create_task(self._join(), name="join NATS")
        try:
            await asyncio.wait({task}, timeout=JOIN_SECONDS)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await close(self.nc)

    async def _join(self) -> None:
        await _connect(self.nc, *self._where)
        while True:
            try:
                await ensure_streams(self.js, self._streams)
            except BusUnavailable as error:
                log.debug("%s", error)
                await asyncio.sleep(1.0)
            else:
                self._ready.set()
                return

    def once_joined(self, do: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """For `running`: does it once the server is connected and the streams are made."""

        async def joined() -> None:
            await self._ready.wait()
            await do()

        return joined

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await close(self.nc)

    async def publish(
        self, subject: str, data: bytes, *, message_id: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """See the function `publish`."""
        await publish(self.js, subject, data, message_id=message_id, headers=headers)

    async def check(self) -> None:
        """Ask JetStream for a sign of life; raises BusUnavailable."""
        if not self.nc.is_connected:
            raise BusUnavailable("NATS is not connected")
        try:
            await self.js.account_info()
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise BusUnavailable(f"JetStream does not answer: {type(error).__name__}") from error


async def ensure_streams(
    js: JetStreamContext, streams: Sequence[Stream] = STREAMS, *, patience: float = 0.0
) -> None:
    """Make each stream, or bring it to its definition; raises BusUnavailable, but only after so many seconds.

    Servers of a cluster that start together take some seconds to find one another.
    """
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await _make(js, streams)
        except BusUnavailable:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            await asyncio.sleep(CHOOSE_SECONDS)
        else:
            return


async def _make(js: JetStreamContext, streams: Sequence[Stream]) -> None:
    copies = js.copies if isinstance(js, JetStream) else 1
    try:
        for stream in streams:
            config = _config(stream, copies)
            try:
                await js.stream_info(stream.name)
            except nats.js.errors.NotFoundError:
                await js.add_stream(config)
            else:
                await js.update_stream(config)
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise BusUnavailable(f"the streams could not be made: {_told(error)}") from error


def _told(error: Exception) -> str:
    """What NATS said, else what kind of trouble it was."""
    said = error.description if isinstance(error, nats.js.errors.APIError) else None
    return said or type(error).__name__


def _config(stream: Stream, copies: int) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        num_replicas=copies,
        subjects=list(stream.subjects),
        retention=RetentionPolicy.WORK_QUEUE if stream.retention == "work queue" else RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=stream.max_age.total_seconds() if stream.max_age else 0,
        max_bytes=stream.max_bytes,
        max_msgs=stream.most or -1,
        max_msgs_per_subject=stream.per_subject or -1,
        discard=DiscardPolicy.NEW if stream.when_full == "refuse newer" else DiscardPolicy.OLD,
        discard_new_per_subject=stream.per_subject is not None,
        duplicate_window=stream.duplicate_window.total_seconds(),
    )


async def publish(
    js: JetStreamContext,
    subject: str,
    data: bytes,
    *,
    message_id: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Return once the message is stored; a message id seen before is stored only once.

    In a cluster the server that keeps a stream may be lost, and another chosen: the same message is then sent again, under
    the same id, within PUBLISH_TIMEOUT in all. Raises SubjectFull, ConditionFailed, or BusUnavailable when nothing is known to be stored.
    """
    whole = {**carried(), **(headers or {}), MESSAGE_ID: message_id}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PUBLISH_TIMEOUT
    while True:
        left = deadline - loop.time()
        try:
            await js.publish(subject, data, timeout=min(left, CONFIRM_SECONDS), headers=whole)
        except (TimeoutError, OSError, nats.errors.Error) as error:
            if not _may_pass(error) or deadline - loop.time() <= CHOOSE_SECONDS:
                raise _not_stored(subject, error) from error
            await asyncio.sleep(CHOOSE_SECONDS)
        else:
            return


def _may_pass(error: Exception) -> bool:
    """Whether the same message may be stored in a moment: while the servers choose who keeps a stream."""
    if isinstance(error, nats.js.errors.APIError):
        leaderless = isinstance(error, nats.js.errors.ServiceUnavailableError)
        return error.err_code == STILL_STORING_CODE or (
            leaderless and error.err_code not in STREAM_FULL_CODES | CONDITION_CODES
        )
    return isinstance(error, TimeoutError | nats.js.errors.NoStreamResponseError)


def _not_stored(subject: str, error: Exception) -> JetStreamError:
    if not isinstance(error, nats.js.errors.APIError):
        return BusUnavailable(f"NATS did not confirm the message: {type(error).__name__}")
    if error.err_code in STREAM_FULL_CODES:
        return SubjectFull(f"the stream keeps no more messages for {subject}", retry_after=60)
    if error.err_code in CONDITION_CODES:
        return ConditionFailed(f"NATS did not store the message: {error.description}")
    return BusUnavailable(f"NATS did not store the message: {error.description}")


async def waiting(js: JetStreamContext, stream: Stream, subject: str) -> int:
    """How many messages a stream holds for one subject; raises BusUnavailable."""
    try:
        info = await js.stream_info(stream.name, subjects_filter=subject)
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error
    return sum((info.state.subjects or {}).values())


def consumer_config(
    durable: str, subjects: Sequence[str], *, ack_wait: float, of_process: bool = False
) -> ConsumerConfig:
    """How a durable consumer is made; `ack_wait` in seconds. One `of_process` begins now, and goes when nobody asks it."""
    return ConsumerConfig(
        deliver_policy=DeliverPolicy.NEW if of_process else DeliverPolicy.ALL,
        inactive_threshold=FORGOTTEN_SECONDS if of_process else None,
        durable_name=durable,
        filter_subjects=list(subjects),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_ack_pending=MAX_ACK_PENDING,
    )


class Consumer:
    """A durable consumer: each of its workers handles one message at a time, which is acknowledged only then.

    A handler that raises gets the message again, later each time (about 1 s, 2 s, 4 s … 60 s), for ever or
    until `max_deliveries`; one that raises `Unavailable` for ever, after at most 15 s; one that raises `Later` names the pause itself; one that raises `Poison`, or
    exhausts `max_deliveries`, ends the message, which `poison_to` may send to another subject with the
    reason in a header. While a handler works the message is kept from being delivered again. NATS being
    away only pauses the workers.
    """

    def __init__(
        self,
        js: JetStreamContext,
        stream: Stream | str,
        durable: str,
        subjects: Sequence[str],
        handler: Handler,
        *,
        workers: int = 4,
        ack_wait: float = 20.0,
        max_deliveries: int | None = None,
        poison_to: Callable[[Message], str] | None = None,
        of_process: bool = False,
    ) -> None:
        """With `of_process` the durable's name is this process's own, which gets all that is published while it runs.

        `ack_wait` in seconds is how long a killed process's messages wait for another.
        """
        self._js = js
        self._stream = stream if isinstance(stream, str) else stream.name
        self._durable = durable
        self._subjects = list(subjects)
        self._handler = handler
        self._pulls = _Pulls(js, self._stream, durable, workers)
        self._ack_wait = ack_wait
        self._max_deliveries = max_deliveries
        self._poison_to = poison_to
        self._of_process = of_process
        self._outage = Outage(f"what consumer {durable} takes from NATS")

    async def run(self) -> None:
        """Consume until cancelled."""
        failures = 0
        async with asyncio.TaskGroup() as workers:
            while True:
                try:
                    await self._ensure()
                    async with self._pulls:
                        while True:
                            raw = await self._pulls.next()
                            failures = 0
                            self._outage.back()
                            if raw is not None:
                                workers.create_task(self._work(raw))
                except (TimeoutError, OSError, nats.errors.Error, BusUnavailable) as error:
                    failures += 1
                    self._outage.away(type(error).__name__)
                    await asyncio.sleep(_pause(min(failures, 4)))

    async def _work(self, raw: Msg) -> None:
        try:
            await self._handle(raw)
        except (TimeoutError, OSError, nats.errors.Error, BusUnavailable) as error:
            self._outage.away(type(error).__name__)  # what is not acknowledged is delivered again
        finally:
            self._pulls.done()

    async def _ensure(self) -> None:
        config = consumer_config(
            self._durable, self._subjects, ack_wait=self._ack_wait, of_process=self._of_process
        )
        try:
            await self._js.add_consumer(self._stream, config)
        except nats.js.errors.NotFoundError:
            log.warning("NATS lost its streams, and what was in them: they are made anew")
            await ensure_streams(self._js)
            await self._js.add_consumer(self._stream, config)

    async def _handle(self, raw: Msg) -> None:
        message = _message(raw)
        heartbeat = asyncio.create_task(self._keep(raw))
        began, outcome = time.perf_counter(), "failed"
        try:
            with span(f"take {self._durable}", kind="consumer", parent=carrier_in(message.headers)):
                await self._handler(message)
        except Poison as poison:
            outcome = "given up"
            await self._give_up(raw, message, str(poison))
        except Later as later:
            outcome = "later"
            await raw.nak(delay=later.seconds)
        except asyncio.CancelledError:
            with suppress(nats.errors.Error, OSError):
                await raw.nak(delay=HAND_BACK_SECONDS)
            outcome = "later"
            raise
        except Unavailable as error:
            outcome = "later"
            log.debug("consumer %s: %s is delivered again: %s", self._durable, message.subject, error)
            await raw.nak(delay=min(_pause(message.deliveries), LONGEST_AWAY))
        except Exception as error:
            if self._max_deliveries is not None and message.deliveries >= self._max_deliveries:
                outcome = "given up"
                await self._give_up(
                    raw, message, f"failed {message.deliveries} times, at last with {type(error).__name__}"
                )
            else:
                log.exception("consumer %s: delivery %d failed", self._durable, message.deliveries)
                await raw.nak(delay=_pause(message.deliveries))
        else:
            outcome = "done"
            await raw.ack()
        finally:
            heartbeat.cancel()
            MESSAGES.labels(self._durable, outcome).inc()
            MESSAGE_SECONDS.labels(self._durable).observe(time.perf_counter() - began)

    async def _keep(self, raw: Msg) -> None:
        while True:
            await asyncio.sleep(self._ack_wait / 3)
            with suppress(nats.errors.Error, OSError):
                await raw.in_progress()

    async def _give_up(self, raw: Msg, message: Message, reason: str) -> None:
        log.error(
            "consumer %s gives up message %s on %s: %s",
            self._durable,
            message.sequence,
            message.subject,
            reason,
        )
        if self._poison_to is not None:
            await publish(
                self._js,
                self._poison_to(message),
                message.data,
                message_id=f"{self._durable}-{message.sequence}",
                headers={**_own(message.headers), REASON: _one_line(reason)},
            )
        await raw.term()


class _Pulls:
    """Asks for messages for free workers, and for no more; gives them out as they come.

    Not `PullSubscription.fetch`: with one message at a time it costs a request for each, and one of each worker for
    every five seconds in which nothing comes; with several it holds back what came until all came.
    """

    def __init__(self, js: JetStreamContext, stream: str, durable: str, workers: int) -> None:
        """An async context manager: what is asked for goes to a subject of its own while it is entered."""
        self._nc: Client = js._nc  # noqa: SLF001  there is no public way to it
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._workers = workers
        self._at_work = 0
        self._asked = 0
        self._inbox = ""
        self._stack = AsyncExitStack()
        self._come: asyncio.Queue[Msg | None] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        """Nothing is asked for yet."""
        self._asked = 0
        self._inbox = self._nc.new_inbox()
        subscription = await self._nc.subscribe(self._inbox, cb=self._come.put)
        self._stack.push_async_callback(_end, subscription, self._nc)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hand back what came and nobody took."""
        await self._stack.aclose()
        while not self._come.empty():
            raw = self._come.get_nowait()
            if raw is not None and not JetStreamContext.is_status_msg(raw):
                with suppress(nats.errors.Error, OSError):
                    await raw.nak(delay=HAND_BACK_SECONDS)

    def done(self) -> None:
        """A worker is free again."""
        self._at_work -= 1
        self._come.put_nowait(None)

    async def next(self) -> Msg | None:
        """A message for a worker; None when there is none yet. Raises BusUnavailable when NATS will send none."""
        free = self._workers - self._at_work
        # Half a row of workers is asked for at once; while nothing is at work, one request stands for all of them.
        if self._asked < free and self._asked <= (self._workers // 2 if self._at_work else 0):
            await self._ask(free - self._asked)
        try:
            async with asyncio.timeout(FETCH_SECONDS + CONFIRM_SECONDS):
                raw = await self._come.get()
        except TimeoutError:
            self._asked = 0  # neither messages nor the end of the request: NATS lost it
            return None
        if raw is None:
            return None
        status = JetStreamContext.is_status_msg(raw)
        if status is None:
            self._asked -= 1
            self._at_work += 1
            return raw
        if status != StatusCode.REQUEST_TIMEOUT:
            raise BusUnavailable(f"NATS ends a request for messages with status {status}")
        unsent = (raw.headers or {}).get("Nats-Pending-Messages", str(self._asked))
        self._asked = max(0, self._asked - int(unsent))
        return None

    async def _ask(self, number: int) -> None:
        wanted = {"batch": number, "expires": int(FETCH_SECONDS * 1_000_000_000)}
        await self._nc.publish(self._subject, json.dumps(wanted).encode(), self._inbox)
        self._asked += number


async def _end(subscription: Subscription, nc: Client) -> None:
    """Have no more come; what NATS has sent until now comes in first."""
    with suppress(TimeoutError, nats.errors.Error, OSError):
        if not nc.is_connected:
            await subscription.unsubscribe()
            return
        async with asyncio.timeout(LAST_SECONDS):
            await subscription.drain()  # type: ignore[no-untyped-call]  # nats-py leaves it so


def _message(raw: Msg) -> Message:
    metadata = raw.metadata
    return Message(
        subject=raw.subject,
        data=raw.data,
        headers=dict(raw.headers or {}),
        deliveries=metadata.num_delivered,
        sequence=metadata.sequence.stream,
        stored=metadata.timestamp.astimezone(UTC),
    )


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    """Without those that told NATS what to do with the first copy."""
    return {name: value for name, value in headers.items() if not name.startswith("Nats-")}


def _one_line(reason: str) -> str:
    return " ".join(reason.split())[:500]


def _pause(deliveries: int) -> float:
    """Seconds before another try: doubling, at most a minute, spread by a fifth."""
    return min(2.0 ** (deliveries - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
