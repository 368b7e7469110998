"""What webhooks are told of requests: exactly the changes that were stored, and nothing a learner showed."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookDeliveryRow
from tests.contract.verifier.test_requests import MIGRATIONS, NOW, answered, asked, created, judged
from tests.support.databases import migrated
from verifier.adapters.request_webhooks import EVENTS, RequestWebhooks
from verifier.adapters.sql_requests import SqlRequests
from verifier.domain.request import (
    Answered,
    Asked,
    Created,
    Judged,
    Request,
    decline,
    expire,
    forget,
    withdraw,
)

LATER = NOW + timedelta(hours=1)
BASE = "https://verifier.test"


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with migrated(database_url, MIGRATIONS) as database:
        yield database


async def told(db: Database) -> list[dict[str, Any]]:
    async with db.reading() as session:
        rows = await session.exec(select(WebhookDeliveryRow).order_by(WebhookDeliveryRow.id))
        return [json.loads(row.body) for row in rows]


async def test_each_change_is_told_with_ids_result_and_links_only(db: Database) -> None:
    webhooks = SqlWebhooks(db, bytes(32))
    await webhooks.create("https://platform.test/told", events=[], description="", now=NOW)
    requests = SqlRequests(db, Outbox(db), RequestWebhooks(webhooks, BASE), key=bytes(32))

    renewing = created(9)
    await requests.add(replace(renewing, stated=replace(renewing.stated, renews="r0")))
    await requests.add(created())
    await requests.save(asked(), expected=Created)
    await requests.save(answered(), expected=Asked)
    await requests.save(judged(), expected=Answered)
    await requests.save(forget(judged()), expected=Judged)
    lost = await requests.save(asked(), expected=Created)
    ends: list[Request] = [
        decline(created(2), "not now", now=LATER),
        expire(created(3), now=LATER),
        withdraw(created(4), now=LATER),
    ]
    for number, end in enumerate(ends, start=2):
        await requests.add(created(number))
        await requests.save(end, expected=Created)

    assert not lost, "what was not stored is not told"
    events = await told(db)
    assert [event["type"] for event in events] == list(EVENTS)
    request_id = created().stated.id
    assert (events[0]["data"]["renews"], events[0]["data"]["state"]) == ("r0", "created")
    assert events[3]["data"] == {
        "request_id": request_id,
        "state": "judged",
        "result": judged().verdict.result.value,
        "links": {"request": f"{BASE}/v1/requests/{request_id}", "page": f"{BASE}/r/{request_id}"},
    }
    assert all("result" not in event["data"] for event in events if event["type"] != "request.judged")
    shown = [value for each in judged().disclosed or () for value in each.values.values()]
    assert shown
    everything = json.dumps(events, ensure_ascii=False)
    words = (*shown, "not now", created().stated.requirement.purpose)
    assert not [word for word in words if f'"{word}"' in everything]
