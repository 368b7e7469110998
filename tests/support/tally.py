"""What parties announced: read from the streams of a running exchange, where nothing can be taken back."""

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.js.api import ConsumerConfig, DeliverPolicy

from services.launcher.adapters.bundled_files import nats_config, nats_server
from services.launcher.domain.exchange import PARTIES
from shared.adapters.jetstream import BusUnavailable, connect
from shared.contracts.streams import EVENTS, MESSAGE_ID
from tests.support.free_port import free_port
from tests.support.wait import until

_FETCH_SECONDS = 2.0
_BATCH = 500


@dataclass(frozen=True)
class Event:
    """One event as a subscriber sees it. The same `message_id` again is the same event again."""

    message_id: str
    subject: str
    facts: Mapping[str, Any]


async def announced(home: Path, nats_url: str, party: str, subject: str, id_field: str) -> Counter[str]:
    """Count the events under `subject` of one party by the id each is about."""
    events = await events_of(home, nats_url, party)
    return Counter(str(one.facts[id_field]) for one in events if one.subject == subject)


async def events_of(home: Path, nats_url: str, party: str) -> list[Event]:
    """Every event in the stream of one party, in order."""
    password = _secrets(home)["nats_passwords"][party]
    client = await connect(nats_url, party, password)
    try:
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        reader = await client.jetstream().pull_subscribe(">", stream=EVENTS.name, config=config)
        found: list[Event] = []
        while (await reader.consumer_info()).num_pending:
            for message in await reader.fetch(_BATCH, timeout=_FETCH_SECONDS):
                message_id = (message.headers or {})[MESSAGE_ID]
                found.append(Event(message_id, message.subject, json.loads(message.data)))
                await message.ack()
        return found
    finally:
        await client.close()


async def events_ever(home: Path, nats_url: str, party: str) -> list[Event]:
    """Those, after the ones on disks that NATS lost meanwhile (`HOME/lost-*`); each once."""
    found: dict[str, Event] = {}
    for disk in await asyncio.to_thread(_lost, home):
        async with _serving(home, disk) as lost:
            found |= {one.message_id: one for one in await events_of(home, lost, party)}
    found |= {one.message_id: one for one in await events_of(home, nats_url, party)}
    return list(found.values())


@asynccontextmanager
async def _serving(home: Path, disk: Path) -> AsyncIterator[str]:
    """A NATS server of our own on a disk that was put aside; gives its URL."""
    port = free_port()
    passwords = _secrets(home)["nats_passwords"]
    settings = {
        "UJUZI_NATS_LISTEN": json.dumps(f"127.0.0.1:{port}"),
        "UJUZI_NATS_STORE": json.dumps(str(disk)),
        "UJUZI_NATS_PARTY_STORE": "4GB",
        **{f"UJUZI_NATS_{party.upper()}_PASSWORD": json.dumps(passwords[party]) for party in PARTIES},
    }
    server = subprocess.Popen(  # noqa: ASYNC220  started at once
        [nats_server(), "--config", str(nats_config())],
        env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"nats://127.0.0.1:{port}"
    try:
        await until(lambda: _answers(url, passwords["issuer"]), 30, "the lost disk can be read")
        yield url
    finally:
        server.terminate()
        await asyncio.to_thread(server.wait, 15)


def _lost(home: Path) -> list[Path]:
    return sorted(home.glob("lost-*"))


async def _answers(url: str, password: str) -> bool:
    try:
        client = await connect(url, "issuer", password, timeout=1)
    except BusUnavailable:
        return False
    await client.close()
    return True


def _secrets(home: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((home / "secrets.json").read_text())
    return held
