"""Graduates are forgotten when their time is over, and nobody before: on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from issuer.adapters.sql_past_awards import SqlPastAwards
from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import (
    Accepted,
    Award,
    Broken,
    Declined,
    Exchange,
    Invited,
    Issued,
    Offered,
    Prepared,
    Revoked,
    SentCredential,
    State,
    Superseded,
)
from issuer.domain.graduate import Graduate
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.retention import (
    CLAIM_KEPT,
    COMPLAINTS_KEPT,
    CONTACTS_KEPT,
    NEVER_CLAIMED,
    YEAR,
)
from issuer.errors import AwardRefusesAction, Complaint
from issuer.main import MIGRATIONS
from issuer.use_cases.forget_past_awards import forget_past_awards
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from shared.adapters.sql_outbox import Outbox
from tests.support.databases import migrated
from tests.support.issuer import (
    ORG,
    SECRET,
    START,
    batch_of,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import claim_link_of, delivery_of, message_to

KEEP = 10 * YEAR
MOMENT = timedelta(seconds=1)
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
UNCLAIMED: tuple[State, ...] = (
    Prepared(),
    Invited("invitation"),
    Offered(SENT.exchange),
    Accepted(SENT.exchange),
    Declined(),
    Broken(),
)
CLAIMED: tuple[State, ...] = (Accepted(SENT.exchange, SENT), Issued(SENT))
ENDED: tuple[State, ...] = (Revoked("lost", START), Superseded(UUID(int=1), "typo", START))


@dataclass
class World:
    records: SqlRecords
    past: SqlPastAwards

    async def keep(self, *states: State, **changes: object) -> list[Award]:
        """A batch with one award in each state, moved last at START."""
        template = published_template()
        batch = replace(
            batch_of(template), complaints=(Complaint(3, "email", "amina@", "is no address", "mend it"),)
        )
        awards = [prepared_award(template, batch, state=state, **changes) for state in states]
        async with self.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, awards)
        return awards

    async def run(self, now: datetime) -> dict[str, int]:
        revoke = RevokeAward(self.records, new_id, lambda: now)
        rules = forget_past_awards(self.past, revoke, keep_awards=KEEP, keep_contacts=CONTACTS_KEPT)
        found = {name: await rule(now) for name, rule in rules.items()}
        return {name: count for name, count in found.items() if count}

    async def award(self, award: Award) -> Award | None:
        async with self.records.reading() as tx:
            return await tx.award(ORG, award.id)

    async def graduates(self, awards: list[Award]) -> list[Graduate | None]:
        return [kept.graduate if (kept := await self.award(award)) else None for award in awards]


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield World(SqlRecords(db, Outbox(db)), SqlPastAwards(db))


async def test_before_its_time_nothing_goes(world: World) -> None:
    awards = await world.keep(*UNCLAIMED, *CLAIMED, *ENDED)
    assert await world.run(START + COMPLAINTS_KEPT) == {}
    assert await world.graduates(awards) == [graduate()] * len(awards)


async def test_addresses_go_soon_after_claim_or_end_and_stay_while_she_may_come(world: World) -> None:
    waiting, reached = await world.keep(*UNCLAIMED), await world.keep(*CLAIMED, *ENDED)
    now = START + CONTACTS_KEPT

    assert "contacts" not in await world.run(now)
    assert (await world.run(now + MOMENT))["contacts"] == len(reached)
    assert await world.run(now + MOMENT) == {}

    assert await world.graduates(waiting) == [graduate()] * len(waiting)
    assert await world.graduates(reached) == [graduate(email="", phone="")] * len(reached)
    for award in reached:
        kept = await world.award(award)
        assert kept is not None
        assert (kept.state, kept.updated_at, kept.version) == (award.state, START, award.version + 1)
        assert kept.contact_deleted_at == now + MOMENT
    assert [kept.contact_deleted_at for award in waiting if (kept := await world.award(award))] == [
        None
    ] * len(waiting)


async def test_addresses_go_a_set_time_after_the_last_day_of_a_link_nobody_followed(world: World) -> None:
    (late,), (unsent,) = await world.keep(Prepared()), await world.keep(Prepared())
    last_day = START + timedelta(days=60)
    async with world.records.transaction() as tx:
        await tx.save_claim_link(claim_link_of(late, until=last_day.date()))
        await tx.add_message(message_to(late))
    now = last_day + CONTACTS_KEPT + timedelta(days=1)

    assert "contacts" not in await world.run(now - timedelta(days=1))
    gone = await world.run(now)
    assert (gone["contacts"], gone["messages"]) == (1, 1)

    assert await world.graduates([late, unsent]) == [graduate(email="", phone=""), graduate()]
    kept = await world.award(late)
    assert kept is not None
    assert (kept.state, kept.contact_deleted_at) == (Prepared(), now)


async def test_what_is_known_of_messages_goes_with_the_addresses_and_links_with_the_award(
    world: World,
) -> None:
    (waiting,), (ended,) = await world.keep(Prepared()), await world.keep(Revoked("lost", START))
    for award in (waiting, ended):
        async with world.records.transaction() as tx:
            await tx.save_delivery(delivery_of(award.batch_id))
            await tx.save_claim_link(claim_link_of(award))
            await tx.add_message(message_to(award))

    assert "messages" not in await world.run(START + CONTACTS_KEPT)
    assert (await world.run(START + CONTACTS_KEPT + MOMENT))["messages"] == 1
    async with world.records.reading() as tx:
        assert [m.award_id for m in await tx.messages_of([waiting.id, ended.id])] == [waiting.id]
        assert await tx.claim_link(ended.id) is not None, "it tells her that the link is over"

    await world.run(START + KEEP + MOMENT)
    async with world.records.reading() as tx:
        assert await tx.award(ORG, ended.id) is None
        assert await tx.claim_link(ended.id) is None
        assert await tx.delivery(ORG, ended.batch_id) is None


async def test_an_award_nobody_claims_is_taken_back_and_its_graduate_forgotten(world: World) -> None:
    awards = await world.keep(*UNCLAIMED)
    now = START + CLAIM_KEPT

    assert "awards never claimed" not in await world.run(now)
    assert (await world.run(now + MOMENT))["awards never claimed"] == len(awards)
    for award in awards:
        kept = await world.award(award)
        assert kept is not None
        assert kept.state == Revoked(NEVER_CLAIMED, now + MOMENT)

    later = now + MOMENT + CONTACTS_KEPT + MOMENT
    gone = await world.run(later)
    assert gone["names of awards never claimed"] == len(awards)
    for found in await world.graduates(awards):
        assert found is not None
        assert (found.given_name, found.family_name, found.email, found.grade_pct) == ("", "", "", None)
    async with world.records.reading() as tx:
        assert await tx.count_states(ORG, awards[0].batch_id) == {"revoked": len(awards)}, "figures stay"


async def test_what_a_wallet_may_hold_is_never_taken_back(world: World) -> None:
    awards = [*await world.keep(*CLAIMED), *await world.keep(Broken(), leftovers=(SENT,))]
    await world.run(START + CLAIM_KEPT + CLAIM_KEPT)
    assert [kept.state for award in awards if (kept := await world.award(award))] == [
        *CLAIMED,
        Broken(),
    ]


async def test_names_stay_for_the_years_the_law_asks_and_revoking_works_after_them(world: World) -> None:
    check = IdentityCheck(CheckMethod.DOCUMENT, "passport seen", "key:1", START)
    again = Reissue(Loss.PHONE, "", check)
    (issued,) = await world.keep(Issued(SENT), reissue=again)

    assert "names" not in await world.run(START + KEEP)
    assert (await world.run(START + KEEP + MOMENT))["names"] == 1

    now = START + KEEP + MOMENT
    kept = await world.award(issued)
    assert kept is not None
    assert (kept.graduate.given_name, kept.reissue, kept.state) == ("", None, Issued(SENT))
    with pytest.raises(AwardRefusesAction, match="name of this award's graduate was deleted"):
        await ReissueAward(world.records, new_id, lambda: now, SECRET)(
            ORG, issued.id, again, beyond_limit=False
        )
    await RevokeAward(world.records, new_id, lambda: now)(ORG, issued.id, "issued in error")
    async with world.records.reading() as tx:
        (revocation,) = await tx.revocations_of(ORG, issued.id)
    assert revocation.credential == SENT


async def test_ended_awards_go_with_their_revocations_once_these_are_published(world: World) -> None:
    (issued,) = await world.keep(Issued(SENT))
    await RevokeAward(world.records, new_id, lambda: START)(ORG, issued.id, "issued in error")
    now = START + KEEP + MOMENT

    await world.run(now)
    assert await world.award(issued) is not None, "its revocation is not published yet"

    async with world.records.transaction() as tx:
        (revocation,) = await tx.revocations_of(ORG, issued.id)
        await tx.save_revocation(replace(revocation, published_at=START))
    assert (await world.run(now))["ended awards"] == 1
    async with world.records.reading() as tx:
        assert await tx.award(ORG, issued.id) is None
        assert await tx.revocation(revocation.id) is None
        assert await tx.batch(ORG, issued.batch_id) is None, "none of its awards is left"
        assert await tx.template(ORG, issued.template_id) is not None


async def test_cells_that_were_complained_of_go_and_the_figures_stay(world: World) -> None:
    (award,) = await world.keep(Prepared())
    assert (await world.run(START + COMPLAINTS_KEPT + MOMENT)) == {"complaints": 1}
    async with world.records.reading() as tx:
        batch = await tx.batch(ORG, award.batch_id)
    assert batch is not None
    assert (batch.complaints, batch.rows, batch.awards) == ((), 1, 1)
