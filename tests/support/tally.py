"""How often each thing happened: counted in the streams of a running exchange, where nothing can be taken back."""

import json
from collections import Counter
from pathlib import Path

from nats.js.api import ConsumerConfig, DeliverPolicy

from shared.adapters.jetstream import connect

_FETCH_SECONDS = 2.0
_BATCH = 500


async def announced(home: Path, nats_url: str, party: str, subject: str, id_field: str) -> Counter[str]:
    """Count the events under `subject` of one party by the id each is about."""
    password = json.loads((home / "secrets.json").read_text())["nats_passwords"][party]
    client = await connect(nats_url, party, password)
    try:
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        reader = await client.jetstream().pull_subscribe(subject, stream="EVENTS", config=config)
        counted: Counter[str] = Counter()
        while (await reader.consumer_info()).num_pending:
            for message in await reader.fetch(_BATCH, timeout=_FETCH_SECONDS):
                counted[str(json.loads(message.data)[id_field])] += 1
                await message.ack()
        return counted
    finally:
        await client.close()
