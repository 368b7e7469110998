"""Messages given up, in the streams DIDCOMM_POISON and WORK_POISON."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg

from shared.adapters.jetstream import BusUnavailable, publish
from shared.contracts.streams import (
    ASIDE,
    CONTENT_TYPE,
    DIDCOMM_POISON,
    ENDPOINT,
    MAIN_SHARD,
    REASON,
    RECEIVED,
    SHARD,
    WORK_POISON,
    Stream,
    inbound_subject,
    outbound_subject,
)
from shared.ports.set_aside import SetAside

KEPT_HEADERS: Final = (ENDPOINT, CONTENT_TYPE, RECEIVED, SHARD)
NO_REASON: Final = "no reason was given"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that NATS did not tell."""


class JetstreamSetAside:
    """The port MessagesSetAside, for envelopes."""

    stream: Stream = DIDCOMM_POISON

    def __init__(self, js: JetStreamContext) -> None:
        """Messages lie in `js`."""
        self._js = js

    async def count(self) -> int:
        """How many there are."""
        async with _reaching():
            return (await self._js.stream_info(self.stream.name)).state.messages

    async def after(self, sequence: int, *, limit: int) -> Sequence[SetAside]:
        """Those behind this one, oldest first."""
        found: list[SetAside] = []
        async with _reaching():
            while len(found) < limit:
                message = await self._next(sequence + 1)
                if message is None or message.seq is None:
                    break
                sequence = message.seq
                found.append(self._shown(message))
        return found

    async def replay(self, sequence: int) -> bool:
        """Put it back; replaying the same one twice at once puts it back once."""
        async with _reaching():
            message = await self._next(sequence)
            if message is None or message.seq != sequence:
                return False
            headers = message.headers or {}
            await publish(
                self._js,
                self._where_from(message),
                message.data or b"",
                message_id=f"{self.stream.name}-again-{sequence}",  # its own id would pass for a repetition
                headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
            )
            await self._js.delete_msg(self.stream.name, sequence)
        return True

    async def _next(self, sequence: int) -> RawStreamMsg | None:
        """The first from this number on."""
        try:
            return await self._js.get_msg(
                self.stream.name, seq=sequence, subject=self.stream.subjects[0], next=True
            )
        except nats.js.errors.NotFoundError:
            return None

    def _where_from(self, message: RawStreamMsg) -> str:
        """The subject it is put back on."""
        headers = message.headers or {}
        if ENDPOINT in headers:
            return outbound_subject(headers[ENDPOINT])
        return inbound_subject(_token(message), headers.get(SHARD, MAIN_SHARD))

    def _shown(self, message: RawStreamMsg) -> SetAside:
        headers = message.headers or {}
        endpoint = headers.get(ENDPOINT)
        return SetAside(
            sequence=message.seq or 0,
            direction="in" if endpoint is None else "out",
            party=_token(message) if endpoint is None else _origin(endpoint),
            reason=headers.get(REASON, NO_REASON),
            at=(message.time or EPOCH).astimezone(UTC),
            size=len(message.data or b""),
        )


class JetstreamWorkSetAside(JetstreamSetAside):
    """The port MessagesSetAside, for our own work and events."""

    stream = WORK_POISON

    def _where_from(self, message: RawStreamMsg) -> str:
        return (message.subject or "").removeprefix(ASIDE)

    def _shown(self, message: RawStreamMsg) -> SetAside:
        return replace(super()._shown(message), direction="own", party=self._where_from(message))


@asynccontextmanager
async def _reaching() -> AsyncIterator[None]:
    try:
        yield
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error


def _token(message: RawStreamMsg) -> str:
    return (message.subject or "").rsplit(".", 1)[-1]


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.hostname or ''}"
