"""Figures come from the awards' history and outlive the awards: on SQLite and on PostgreSQL."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from issuer.adapters.sql_figures import SqlFigures
from issuer.adapters.sql_past_awards import SqlPastAwards
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, SentCredential, accept, acknowledge, invite, offer, send
from issuer.domain.figures import Figure, Month, Place, Tally, months_between
from issuer.domain.history import What
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.main import MIGRATIONS
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from shared.adapters.sql_outbox import Outbox
from tests.support.databases import migrated
from tests.support.issuer import ORG, SECRET, START, batch_of, new_id, prepared_award, published_template

NOV = Month.of(START)
DEC = NOV.later(1)


@dataclass
class World:
    records: SqlRecords
    figures: SqlFigures
    past: SqlPastAwards

    async def awards(self, count: int, organisation: str = ORG) -> list[Award]:
        template = published_template(organisation=organisation)
        batch = batch_of(template)
        awards = [replace(prepared_award(template, batch), row=row) for row in range(2, count + 2)]
        async with self.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, awards)
        return awards

    async def claim(self, award: Award, number: int, *, at: datetime) -> Award:
        exchange = Exchange(f"connection-{award.id}", f"exchange-{award.id}")
        sent = SentCredential(exchange, "registry", str(number))
        moves: tuple[Callable[[Award], Award], ...] = (
            lambda a: invite(a, f"invitation-{award.id}", now=at),
            lambda a: offer(a, exchange, now=at),
            lambda a: accept(a, exchange, now=at),
            lambda a: send(a, sent, now=at),
            lambda a: acknowledge(a, now=at),
        )
        for move in moves:
            async with self.records.transaction() as tx:
                known = await tx.award(award.organisation, award.id)
                assert known is not None
                await tx.save_award(move(known))
        async with self.records.reading() as tx:
            claimed = await tx.award(award.organisation, award.id)
        assert claimed is not None
        return claimed

    async def tally(self) -> Tally:
        return await self.figures.tally(ORG, [NOV, DEC])

    async def numbers(self) -> dict[tuple[str, str], int]:
        """By month and figure, all programmes together."""
        found: Counter[tuple[str, str]] = Counter()
        for place, number in (await self.tally()).counts.items():
            found[str(place.month), place.what.value] += number
        return dict(found)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield World(SqlRecords(db, Outbox(db)), SqlFigures(db), SqlPastAwards(db))


async def test_each_award_counts_once_in_the_month_and_days_are_from_the_links_delivery(world: World) -> None:
    first, second, third = await world.awards(3)
    for award in (first, second):
        async with world.records.transaction() as tx:
            await tx.note(award, What.DELIVERED, at=START + timedelta(days=1))
            await tx.note(award, What.OPENED, at=START + timedelta(days=2))
    await world.claim(first, 1, at=START + timedelta(days=4))
    await world.claim(third, 2, at=DEC.begins() + timedelta(hours=13))

    assert await world.numbers() == {
        (str(NOV), "prepared"): 3,
        (str(NOV), "delivered"): 2,
        (str(NOV), "opened"): 2,
        (str(NOV), "issued"): 1,
        (str(DEC), "opened"): 1,
        (str(DEC), "issued"): 1,
    }
    days = (await world.tally()).days
    assert {str(month): dict(found) for (month, _), found in days.items()} == {
        str(NOV): {3: 1},
        str(DEC): {(DEC.begins() + timedelta(hours=13) - START).days: 1},
    }


async def test_an_award_in_place_of_a_claimed_one_is_neither_prepared_nor_claimed_anew(world: World) -> None:
    (award,) = await world.awards(1)
    await world.claim(award, 1, at=START)
    check = IdentityCheck(CheckMethod.DOCUMENT, "passport seen", "key:1", START)
    again = ReissueAward(world.records, new_id, lambda: START, SECRET)
    new, _ = await again(ORG, award.id, Reissue(Loss.PHONE, "", check), beyond_limit=False)
    await world.claim(new, 2, at=START)
    numbers = await world.numbers()
    assert (numbers[str(NOV), "prepared"], numbers[str(NOV), "issued"]) == (1, 1)
    assert numbers[str(NOV), "reissued"] == 1
    assert (str(NOV), "corrected") not in numbers


async def test_figures_stay_as_they_are_when_their_awards_are_deleted(world: World) -> None:
    awards = await world.awards(3)
    revoke = RevokeAward(world.records, new_id, lambda: START + timedelta(days=9))
    for number, award in enumerate(awards[:2]):
        await world.claim(award, number, at=START + timedelta(days=4))
    for award in awards[:2]:
        await revoke(ORG, award.id, "issued in error")
        async with world.records.transaction() as tx:
            (revocation,) = await tx.revocations_of(ORG, award.id)
            await tx.save_revocation(replace(revocation, published_at=START))
    before = await world.tally()

    assert await world.past.drop_ended(before=START + timedelta(days=99)) == 2
    async with world.records.reading() as tx:
        assert await tx.award(ORG, awards[0].id) is None
    after = await world.tally()
    assert (after.counts, after.days) == (before.counts, before.days)
    (programme,) = {place.programme for place in after.counts}
    assert after.counts[Place(NOV, programme, Figure.REVOKED)] == 2
    assert "data analy" in (await world.figures.programmes(ORG))[programme]["en"].lower()

    await revoke(ORG, awards[2].id, "never claimed")
    assert await world.past.drop_ended(before=START + timedelta(days=99)) == 1
    assert (await world.tally()).counts[Place(NOV, programme, Figure.REVOKED)] == 3


async def test_another_organisations_awards_are_not_counted(world: World) -> None:
    await world.awards(2, organisation="other")
    assert (await world.tally()).counts == {}
    assert await world.figures.programmes(ORG) == {}


async def test_months_that_are_not_asked_for_are_left_out(world: World) -> None:
    await world.awards(1)
    assert (await world.figures.tally(ORG, months_between(NOV.later(-3), NOV.later(-1)))).counts == {}
    assert (await world.figures.tally(ORG, [])).counts == {}
