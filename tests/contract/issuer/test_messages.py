"""What was sent is kept, found and taken by one sender only: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Declined, Invited, Issued, Prepared, State
from issuer.domain.claim import claim_digest, short_token
from issuer.domain.delivery import Reminders
from issuer.domain.message import Bounced, Channel, Failed, Kind, Queued, Sent
from issuer.main import MIGRATIONS
from shared.adapters.sql_outbox import Outbox
from tests.contract.issuer.test_past_awards import SENT
from tests.support.databases import migrated
from tests.support.issuer import ORG, SECRET, START, batch_of, new_id, prepared_award, published_template
from tests.support.messages import claim_link_of, delivery_of, message_to

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
async def records(database_url: str) -> AsyncIterator[SqlRecords]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield SqlRecords(db, Outbox(db))


async def keep(records: SqlRecords, *states: State) -> list[Award]:
    template = published_template()
    batch = batch_of(template)
    awards = [prepared_award(template, batch, state=state) for state in states]
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
    return awards


async def test_every_state_comes_back_as_it_was(records: SqlRecords) -> None:
    (award,) = await keep(records, Prepared())
    states = (Queued(START, "full"), Sent(START), Bounced(START, "unknown"), Failed(START, "too long"))
    kept = [
        message_to(award, number=number, state=state, channel=Channel.SMS, segments=2, attempts=3)
        for number, state in enumerate(states)
    ]
    async with records.transaction() as tx:
        for message in kept:
            assert await tx.add_message(message)
    async with records.reading() as tx:
        assert await tx.messages_of([award.id]) == kept
        assert await tx.message(ORG, kept[1].id) == kept[1]
        assert await tx.count_messages(ORG, award.batch_id) == {
            (Kind.CLAIM_LINK, Channel.SMS, state): 1 for state in ("queued", "sent", "bounced", "failed")
        }


async def test_a_message_of_the_same_kind_and_number_is_not_kept_twice(records: SqlRecords) -> None:
    (award,) = await keep(records, Prepared())
    async with records.transaction() as tx:
        assert await tx.add_message(message_to(award))
    async with records.transaction() as tx:
        assert not await tx.add_message(message_to(award))
        assert await tx.add_message(message_to(award, kind=Kind.CODE))
        assert await tx.add_message(message_to(award, number=1))
        assert len(await tx.messages_of([award.id])) == 3


async def test_the_message_due_for_longest_comes_first_and_only_one_sender_gets_it(
    records: SqlRecords,
) -> None:
    first, second = await keep(records, Prepared(), Prepared())
    earlier, later = message_to(second, state=Queued(START - MINUTE)), message_to(first)
    async with records.transaction() as tx:
        for message in (later, earlier, message_to(first, kind=Kind.CODE, channel=Channel.SMS)):
            await tx.add_message(message)
    async with records.reading() as tx:
        assert await tx.due_message(Channel.EMAIL, now=START - 2 * MINUTE) is None
        assert await tx.due_message(Channel.EMAIL, now=START) == earlier

    async def take() -> bool:
        async with records.transaction() as tx:
            return await tx.take_message(earlier, until=START + MINUTE)

    assert sorted(await asyncio.gather(take(), take(), take())) == [False, False, True]
    async with records.reading() as tx:
        assert await tx.due_message(Channel.EMAIL, now=START) == later
        again = await tx.due_message(Channel.EMAIL, now=START + MINUTE)
        assert again in {later, message_to(second, id=earlier.id, state=Queued(START + MINUTE))}


async def test_the_short_link_finds_its_award_however_it_is_typed(records: SqlRecords) -> None:
    award, other = await keep(records, Prepared(), Prepared())
    short = short_token(SECRET, award.id)
    async with records.transaction() as tx:
        await tx.save_claim_link(claim_link_of(award))
        await tx.save_claim_link(claim_link_of(award, code_by=Channel.SMS))
    async with records.reading() as tx:
        typed = "-".join(short[i : i + 4] for i in range(0, 16, 4)).lower()
        assert await tx.award_by_claim(claim_digest(typed)) == award
        assert await tx.award_by_claim(other.claim_digest) == other
        assert await tx.claim_link(award.id) == claim_link_of(award, code_by=Channel.SMS)
        assert await tx.claim_links([award.id, other.id]) == {
            award.id: claim_link_of(award, code_by=Channel.SMS)
        }


async def test_only_those_are_reminded_who_got_their_link_and_did_not_come(records: SqlRecords) -> None:
    today = START.date()
    waiting, invited, claimed, declined, bounced, unsent, recent, over = await keep(
        records, Prepared(), Invited("i"), Issued(SENT), Declined(), Prepared(), Prepared(), Prepared(), Prepared()
    )  # fmt: skip
    delivery = delivery_of(waiting.batch_id, reminders=Reminders(every_days=14, most=1))
    asked = Sent(START - DAY)
    async with records.transaction() as tx:
        await tx.save_delivery(delivery)
        for award in (waiting, invited, claimed, declined, bounced, unsent, recent, over):
            await tx.save_claim_link(claim_link_of(award, until=today - DAY if award is over else today))
        for award in (over, waiting, invited, claimed, declined, bounced, recent):
            await tx.add_message(message_to(award, state=asked))
        await tx.add_message(message_to(bounced, kind=Kind.REMINDER, state=Bounced(START - DAY, "unknown")))
        await tx.add_message(message_to(recent, number=1, state=Sent(START)))
        await tx.add_message(message_to(unsent))
    async with records.reading() as tx:
        assert await tx.deliveries_with_reminders() == [delivery]
        assert sorted(
            await tx.awards_to_remind(delivery, asked_before=START, usable_on=today, limit=9)
        ) == sorted([(waiting.id, 0), (invited.id, 0)])
    async with records.transaction() as tx:
        await tx.add_message(message_to(waiting, kind=Kind.REMINDER, state=asked))
        await tx.save_delivery(delivery_of(waiting.batch_id))
    async with records.reading() as tx:
        assert await tx.awards_to_remind(delivery, asked_before=START, usable_on=today, limit=9) == [
            (invited.id, 0)
        ]
        assert await tx.deliveries_with_reminders() == []


async def test_a_changed_message_is_stored_and_one_that_is_gone_is_not_made_anew(records: SqlRecords) -> None:
    (award,) = await keep(records, Prepared())
    message = message_to(award)
    async with records.transaction() as tx:
        await tx.add_message(message)
        await tx.save_message(message_to(award, id=message.id, state=Sent(START)))
        await tx.save_message(message_to(award, id=new_id(), number=7))
        assert [m.state for m in await tx.messages_of([award.id])] == [Sent(START)]
