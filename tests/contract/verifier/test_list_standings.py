"""Webhooks are told once when a pinned list becomes stale or is refused, and when it is in order again."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from shared.adapters.sql import Database
from shared.adapters.sql_webhooks import SqlWebhooks, WebhookDeliveryRow
from shared.vc.trust_decision import Refused, Snapshot, Unreachable
from tests.contract.verifier.test_requests import MIGRATIONS
from tests.support.databases import migrated
from tests.support.verifier_fakes import LIST_URL, Clock, PinnedSnapshots, trusting
from verifier.adapters.sql_list_standings import LIST_EVENTS, SqlListStandings
from verifier.use_cases.watch_lists import WatchLists

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BASE = "https://verifier.test"
LISTED = trusting("did:webvh:QmIssuer:issuer.test", issued=NOW, next_update=NOW + timedelta(days=1))
REFUSED = Refused(reason="number 6 is older than number 7: the list was rolled back")


@dataclass
class Watch:
    """Two verifier processes over one database, and a webhook."""

    db: Database
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    trust: PinnedSnapshots = field(default_factory=lambda: PinnedSnapshots((LISTED,)))

    def __post_init__(self) -> None:
        self.processes = [self.started(), self.started()]

    def started(self) -> WatchLists:
        standings = SqlListStandings(self.db, SqlWebhooks(self.db, bytes(32)), BASE)
        return WatchLists(self.trust, standings, clock=self.clock)

    async def look(self, snapshot: Snapshot | None = None) -> None:
        """Both look, twice."""
        if snapshot is not None:
            self.trust.lists = (snapshot,)
        for process in [*self.processes, *self.processes]:
            await process()

    async def told(self) -> list[dict[str, Any]]:
        async with self.db.reading() as session:
            rows = await session.exec(select(WebhookDeliveryRow).order_by(WebhookDeliveryRow.id))
            return [json.loads(row.body) for row in rows]


@pytest.fixture
async def watch(database_url: str) -> AsyncIterator[Watch]:
    async with migrated(database_url, MIGRATIONS) as db:
        await SqlWebhooks(db, bytes(32)).create(
            "https://platform.test/told", events=[], description="", now=NOW
        )
        yield Watch(db)


def later(number: int, until: datetime) -> Snapshot:
    assert LISTED.trust_list is not None
    return replace(LISTED, trust_list=replace(LISTED.trust_list, sequence=number, next_update=until))


async def test_a_list_that_becomes_stale_is_told_once_and_once_that_it_is_fresh_again(watch: Watch) -> None:
    await watch.look()
    assert await watch.told() == [], "a list in order is no news"
    watch.clock.forward(days=1, seconds=1)
    await watch.look()
    watch.clock.forward(hours=3)
    await watch.look()
    await watch.started()()
    (stale,) = await watch.told()
    assert stale["type"] == "list.stale"
    assert stale["data"] == {
        "list": "pilot",
        "url": LIST_URL,
        "number": 7,
        "next_update": "2026-06-02T12:00:00Z",
        "links": {"trust_lists": f"{BASE}/v1/trust-lists"},
    }
    await watch.look(later(8, watch.clock() + timedelta(days=1)))
    assert [each["type"] for each in await watch.told()] == ["list.stale", "list.fresh"]
    watch.clock.forward(days=2)
    await watch.look()
    assert [each["type"] for each in await watch.told()] == ["list.stale", "list.fresh", "list.stale"]


async def test_a_list_that_is_refused_is_told_once_with_the_reason(watch: Watch) -> None:
    await watch.look(replace(LISTED, problem=REFUSED))
    await watch.look(replace(LISTED, problem=Refused(reason="and again")))
    (refused,) = await watch.told()
    assert (refused["type"], refused["data"]["reason"]) == ("list.refused", REFUSED.reason)
    await watch.look(LISTED)
    assert [each["type"] for each in await watch.told()] == ["list.refused", "list.fresh"]


async def test_a_refused_list_that_becomes_stale_is_told_of_both(watch: Watch) -> None:
    await watch.look(replace(LISTED, problem=REFUSED))
    watch.clock.forward(days=2)
    await watch.look()
    assert [each["type"] for each in await watch.told()] == ["list.refused", "list.stale"]


async def test_a_process_that_has_not_seen_the_newest_issue_tells_nothing(watch: Watch) -> None:
    ahead, behind = watch.processes
    watch.trust.lists = (later(8, NOW + timedelta(days=3)),)
    await ahead()
    watch.clock.forward(days=1, seconds=1)
    watch.trust.lists = (LISTED,)
    await behind()
    assert await watch.told() == []


async def test_a_registry_that_is_away_is_no_news_until_its_list_is_stale(watch: Watch) -> None:
    away = Unreachable(reason="no route", since=NOW)
    await watch.look(replace(LISTED, problem=away))
    await watch.look(Snapshot(name="pilot", url=LIST_URL, problem=away))
    assert await watch.told() == []


async def test_a_list_that_is_pinned_anew_is_told_of_anew(watch: Watch) -> None:
    watch.clock.forward(days=2)
    await watch.look()
    watch.trust.lists = ()
    for process in watch.processes:
        await process()
    await watch.look(LISTED)
    assert [each["type"] for each in await watch.told()] == ["list.stale", "list.stale"]


def test_every_type_is_explained() -> None:
    assert set(LIST_EVENTS) == {"list.stale", "list.refused", "list.fresh"}
