"""How full a party's streams are, and how far their consumers have come."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import nats.errors

from shared.adapters.clock import utc_now
from shared.adapters.jetstream import Bus, BusUnavailable
from shared.contracts.streams import DIDCOMM_OUT
from shared.ports.clock import Clock
from shared.ports.metrics import (
    CONSUMER_ACK_PENDING,
    CONSUMER_PENDING,
    CONSUMER_REDELIVERED,
    STREAM_FULL,
    STREAM_MESSAGES,
    STREAM_OLDEST,
    Reading,
)

ANSWER_SECONDS: Final = 3.0
WORK_QUEUE: Final = "workqueue"
"""But for DIDCOMM_OUT: the claim of the agent that may send always lies in it, and others may be away for days."""

ASKED_SECONDS: Final = 60.0
"""A consumer of one process whose workers are all busy is asked again within so long."""


class MeasureStreams:
    """The port Measure: one request for all streams, and one for the consumers of each that has any."""

    def __init__(self, bus: Bus, *, clock: Clock = utc_now) -> None:
        """Of this party's account."""
        self._bus = bus
        self._clock = clock

    async def __call__(self) -> Iterable[Reading]:
        """Readings. Raises BusUnavailable."""
        found: list[Reading] = []
        for stream in await self._ask("STREAM.LIST", "streams"):
            found += _of_stream(stream, self._clock())
            if stream["state"]["consumer_count"]:
                name = stream["config"]["name"]
                for consumer in await self._ask(f"CONSUMER.LIST.{name}", "consumers"):
                    if _is_asked(consumer, self._clock()):
                        found += _of_consumer(consumer)
        return found

    async def _ask(self, what: str, listed: str) -> list[dict[str, Any]]:
        if not self._bus.nc.is_connected:
            raise BusUnavailable(
                "NATS is not connected"
            )  # a request would wait, and the whole scrape with it
        # nats-py leaves out when the first message came
        try:
            answer = await self._bus.nc.request(f"$JS.API.{what}", b"{}", timeout=ANSWER_SECONDS)
        except (TimeoutError, OSError, nats.errors.Error) as error:
            raise BusUnavailable(f"NATS does not answer: {type(error).__name__}") from error
        return json.loads(answer.data).get(listed) or []


def _of_stream(stream: Mapping[str, Any], now: datetime) -> Iterable[Reading]:
    config, state = stream["config"], stream["state"]
    label = {"stream": config["name"]}
    yield Reading(STREAM_MESSAGES, state["messages"], label)
    full = [
        state[holds] / config[most]
        for holds, most in (("bytes", "max_bytes"), ("messages", "max_msgs"))
        if config.get(most, -1) > 0
    ]
    if full:
        yield Reading(STREAM_FULL, max(full), label)
    if config["retention"] == WORK_QUEUE and config["name"] != DIDCOMM_OUT.name:
        first = datetime.fromisoformat(state["first_ts"]) if state["messages"] else now
        yield Reading(STREAM_OLDEST, max(0.0, (now - first).total_seconds()), label)


def _is_asked(consumer: Mapping[str, Any], now: datetime) -> bool:
    """False for one that belongs to a process which is no more: what it never takes is nobody's, and NATS drops it in a while."""
    if not consumer["config"].get("inactive_threshold") or consumer.get("num_waiting"):
        return True
    last = consumer["delivered"].get("last_active") or consumer["created"]
    return (now - datetime.fromisoformat(last)).total_seconds() < ASKED_SECONDS


def _of_consumer(consumer: Mapping[str, Any]) -> Iterable[Reading]:
    label = {"stream": consumer["stream_name"], "consumer": consumer["name"]}
    yield Reading(CONSUMER_PENDING, consumer["num_pending"], label)
    yield Reading(CONSUMER_ACK_PENDING, consumer["num_ack_pending"], label)
    yield Reading(CONSUMER_REDELIVERED, consumer["num_redelivered"], label)
