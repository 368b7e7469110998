"""What an issuer tells of how many hold its programmes: once a week, in steps, of what stands. On SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from issuer.adapters.did_publications import DidPublications
from issuer.adapters.sql_holders import SqlHolders
from issuer.adapters.sql_records import SqlRecords
from issuer.adapters.sql_tables import AwardRow
from issuer.domain.organisation import Organisation
from issuer.main import MIGRATIONS
from issuer.use_cases.publish_holders import PublishHolders
from shared.adapters.did_host import DidHost
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.vc.achievement import build
from shared.vc.holders import HOLDERS, Holders, OfEdition, read_holders, week_of
from tests.support.databases import migrated
from tests.support.issuer import (
    ORG,
    START,
    FakeClock,
    batch_of,
    description,
    graduate,
    prepared_award,
    published_template,
)

DAY, LONG_AGO = date(2026, 3, 1), date(2015, 3, 1)


@dataclass
class World:
    db: Database
    records: SqlRecords
    host: DidHost
    clock: FakeClock
    tell: PublishHolders
    did: str

    async def edition(self, *, days_ago: int = 7, **changes: Any) -> str:  # noqa: ANN401 - any part of a programme
        now = self.clock.now
        self.clock.now -= timedelta(days=days_ago)
        try:
            return await self._published(**changes)
        finally:
            self.clock.now = now

    async def _published(self, **changes: Any) -> str:  # noqa: ANN401
        described = replace(description("data-analytics"), **changes)
        content = build(described, issuer_did=self.did, issuer_name="Test", now=START)
        return await DidPublications(self.host).publish_edition(self.did, "n", content)

    async def holds(self, edition: str, number: int, *, on: date = DAY, state: str = "issued") -> None:
        template = published_template()
        batch = replace(batch_of(template), edition_id=edition)
        awards = [prepared_award(template, batch, graduate=graduate(awarded_on=on)) for _ in range(number)]
        async with self.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, awards)
        async with self.db.session() as session:
            ids = [str(award.id) for award in awards]
            await session.exec(update(AwardRow).where(col(AwardRow.id).in_(ids)).values(state=state))

    async def told(self) -> list[Holders]:
        ids = await self.host.resource_ids(("orgs", ORG), HOLDERS)
        served = [await self.host.resource(("orgs", ORG), each.rpartition("/")[2]) for each in ids]
        return [read_holders(each.resource["content"]) for each in served if each is not None]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    clock = FakeClock()
    async with migrated(database_url, MIGRATIONS) as db:
        records, host = SqlRecords(db, Outbox(db)), DidHost(db, bytes(32), "issuer.ujuzi.test", clock=clock)
        publications = DidPublications(host)
        did = await publications.ensure_did(ORG)
        async with records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Test", "KE", did))
        tell = PublishHolders(records, SqlHolders(db), publications, clock)
        yield World(db, records, host, clock, tell, did)


async def test_what_stands_is_told_in_steps_with_the_days_that_many_share(world: World) -> None:
    many, few = await world.edition(), await world.edition(titles={"en": "Another"})
    none = await world.edition(titles={"en": "A third"})
    await world.holds(many, 21)
    await world.holds(many, 3, on=date(2026, 3, 2))
    await world.holds(many, 30, on=date(2026, 3, 3), state="revoked")
    await world.holds(few, 19)

    await world.tell()

    (told,) = await world.told()
    assert told.counted == week_of(START)
    assert told.editions == {
        many: OfEdition(20, {DAY: 20}),
        few: OfEdition(0, {}),
        none: OfEdition(0, {}),
    }


async def test_nothing_is_told_of_an_edition_of_this_week(world: World) -> None:
    await world.holds(await world.edition(days_ago=0), 25)
    await world.tell()
    (told,) = await world.told()
    assert told.editions == {}


async def test_what_has_expired_is_not_counted(world: World) -> None:
    lasting = await world.edition(valid_for_months=24)
    await world.holds(lasting, 25, on=LONG_AGO)
    await world.tell()
    (told,) = await world.told()
    assert told.editions == {lasting: OfEdition(0, {})}


async def test_it_is_told_once_a_week_whatever_happens_in_between(world: World) -> None:
    edition = await world.edition()
    await world.holds(edition, 19)
    await world.tell()
    sunday = week_of(START) + timedelta(days=6)
    while world.clock.now.date() < sunday:
        await world.holds(edition, 1)
        world.clock.now += timedelta(days=1)
        await world.tell()
    assert [each.editions[edition].at_least for each in await world.told()] == [0]

    world.clock.now += timedelta(days=1)
    for _ in range(2):
        await world.tell()
    assert [each.editions[edition].at_least for each in await world.told()] == [0, 20]


async def test_an_organisation_that_closed_tells_nothing_new(world: World) -> None:
    async with world.records.transaction() as tx:
        organisation = await tx.organisation(ORG)
        assert organisation is not None
        await tx.save_organisation(replace(organisation, closed_at=START))
    await world.tell()
    assert await world.told() == []
