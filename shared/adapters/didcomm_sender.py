"""Delivers what lies in DIDCOMM_OUT to other parties' endpoints: at least once, for up to three days.

A 2xx answer ends an envelope. Another 4xx, or an address that may not be dialled, cannot get better: the envelope
goes to DIDCOMM_POISON with the reason. Everything else is tried again: a destination that cannot be reached
at all pauses as a whole (1 s, 2 s … 5 min); an envelope that was answered "not now" waits half as long as it has
waited already, at least what Retry-After says, at most an hour.
"""

import asyncio
import logging
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from nats.js import JetStreamContext

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import FetchFailed, FetchRefused, FetchTooLarge, NotFound
from shared.adapters.jetstream import Consumer, Later, Message, Poison
from shared.contracts.streams import CONTENT_TYPE, DIDCOMM_OUT, ENDPOINT, OUTBOUND, poison_subject
from shared.ports.tracing import carried

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/didcomm-envelope-enc"
GIVE_UP = timedelta(hours=71, minutes=30)
"""A little before the stream forgets the envelope, so that the reason is kept."""
LONGEST_WAIT = 3600.0
LONGEST_PAUSE = 300.0
WORKERS = 16
AT_ONCE = 4
"""Requests to one destination at a time; as many again may stand in line for it."""
SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)
WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


class Answer(Protocol):
    """What the sender looks at in an answer."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in small letters."""


class PostEnvelope(Protocol):
    """A client that posts to an address someone else chose: `GuardedClient`."""

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status. Raises FetchError."""


@dataclass
class _Destination:
    """How one origin is doing; known to this process only."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    busy: int = 0
    failures: int = 0
    not_before: float = 0.0

    def pause(self) -> float:
        """Pause, twice as long as the last time, and return for how many seconds; those that fail together make one pause."""
        now = asyncio.get_running_loop().time()
        if now >= self.not_before:
            self.failures += 1
            seconds = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
            self.not_before = now + seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        return self.not_before - now


class DidcommSender:
    """The loop that empties DIDCOMM_OUT."""

    def __init__(
        self, js: JetStreamContext, client: PostEnvelope, *, trace_partners: Collection[str] = ()
    ) -> None:
        """Envelopes of `js` go out through `client`; only to these origins with the trace they belong to."""
        self._client = client
        self._trace_partners = frozenset(trace_partners)
        self._destinations: dict[str, _Destination] = {}
        self._consumer = Consumer(
            js,
            DIDCOMM_OUT,
            "didcomm-sender",
            [OUTBOUND],
            self.deliver,
            workers=WORKERS,
            poison_to=lambda message: poison_subject(message.last_token),
        )

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._consumer.run()

    async def deliver(self, message: Message) -> None:
        """Deliver one envelope; raises Later or Poison."""
        endpoint = message.headers.get(ENDPOINT)
        if endpoint is None:
            raise Poison(f"the message has no header {ENDPOINT}")
        destination = self._destinations.setdefault(message.last_token, _Destination())
        _heed(destination, message)
        if destination.busy >= 2 * AT_ONCE:
            raise Later(random.uniform(0.2, 0.6), "the destination is busy")  # noqa: S311 - no secret
        destination.busy += 1
        try:
            async with destination.slots:
                _heed(destination, message)  # whoever was before it in line may have found nobody there
                await self._post(destination, endpoint, message)
        finally:
            destination.busy -= 1
            if destination.busy == 0 and destination.failures == 0:
                self._destinations.pop(message.last_token, None)

    async def _post(self, destination: _Destination, endpoint: str, message: Message) -> None:
        headers = {"content-type": message.headers.get(CONTENT_TYPE, MEDIA_TYPE)}
        if _origin(endpoint) in self._trace_partners:
            headers |= carried()
        try:
            answer = await self._client.post(endpoint, message.data, headers)
        except (FetchRefused, FetchTooLarge, NotFound) as error:
            raise Poison(str(error)) from error
        except FetchFailed as error:
            if error.status is None:
                raise _later(message, destination.pause(), "the destination cannot be reached") from error
            _judge(message, error.status, {})
            return
        destination.failures, destination.not_before = 0, 0.0
        _judge(message, answer.status, answer.headers)


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _heed(destination: _Destination, message: Message) -> None:
    """Raise Later while the destination pauses."""
    pause = destination.not_before - asyncio.get_running_loop().time()
    if pause > 0:
        raise _later(message, pause, "the destination cannot be reached")


def _judge(message: Message, status: int, headers: Mapping[str, str]) -> None:
    """Return if the envelope is delivered; raise Poison or Later otherwise."""
    if status in SUCCESS:
        return
    if status in CLIENT_ERRORS and status not in WORTH_ANOTHER_TRY:
        raise Poison(f"the destination refused the envelope with status {status}")
    waited = (utc_now() - message.stored).total_seconds()
    asked = headers.get("retry-after", "")
    wanted = max(1.0, waited / 2, float(asked) if asked.isdecimal() else 0.0)
    raise _later(message, min(wanted, LONGEST_WAIT), f"the destination answered {status}")


def _later(message: Message, seconds: float, why: str) -> Later | Poison:
    """Another try after about so many seconds, unless the envelope would be too old by then."""
    spread = seconds * random.uniform(1.0, 1.2)  # noqa: S311 - no secret
    if utc_now() - message.stored + timedelta(seconds=spread) > GIVE_UP:
        return Poison(f"not delivered within {GIVE_UP.total_seconds() / 3600:.1f} hours: {why}")
    return Later(spread, why)
