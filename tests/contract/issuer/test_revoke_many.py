"""Many awards revoked for one reason, and learners told what became of theirs: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from issuer.adapters.sql_records import LOOK_SECONDS, TO_REVOKE, SqlRecords
from issuer.domain.award import Award, Exchange, Issued, Revoked, SentCredential
from issuer.domain.claim import ClaimLinks
from issuer.domain.delivery import OneWay
from issuer.domain.history import What
from issuer.domain.message import Channel, Kind, Message, Sent, bounce
from issuer.domain.organisation import Organisation
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.revocation import publish
from issuer.domain.revocation_order import ORDERS_KEPT, RevocationOrder
from issuer.entry.message_text import compose
from issuer.errors import AwardRefusesAction, AwardUnknown, BatchUnknown, OrderUnknown
from issuer.main import MIGRATIONS
from issuer.ports import Transaction
from issuer.use_cases.deliver import Deliver
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.revoke_awards import RevokeAwards
from issuer.use_cases.send_message import SendMessage
from issuer.use_cases.supersede_award import SupersedeAward
from issuer.use_cases.tell_graduate import TellGraduate
from shared.adapters.sql_outbox import Outbox
from tests.support.carrier import FakeCarrier
from tests.support.databases import migrated
from tests.support.issuer import (
    DID,
    ORG,
    SECRET,
    START,
    FakeClock,
    batch_of,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import claim_link_of, delivery_of, message_to

REASON = "The examination was not ours."
BY = "member:7"


class Killed(Exception):
    """The process ended here."""


class DiesAfter(RevokeAward):
    """A process that is killed while it revokes the so-manieth award."""

    lives = 0

    async def within(self, tx: Transaction, award: Award, reason: str, *, notify: bool) -> Award:
        if DiesAfter.lives == 0:
            raise Killed
        DiesAfter.lives -= 1
        return await super().within(tx, award, reason, notify=notify)


@dataclass
class World:
    records: SqlRecords
    clock: FakeClock = field(default_factory=FakeClock)
    mail: FakeCarrier = field(default_factory=FakeCarrier)
    available: frozenset[Channel] = frozenset({Channel.EMAIL, Channel.SMS})

    def __post_init__(self) -> None:
        self.links = ClaimLinks("https://issuer.example", SECRET)

    @property
    def tell(self) -> TellGraduate:
        return TellGraduate(Deliver(self.links, new_id, self.available))

    @property
    def revoke(self) -> RevokeAward:
        return RevokeAward(self.records, new_id, self.clock, self.tell)

    def many(self, revoke: RevokeAward | None = None) -> RevokeAwards:
        return RevokeAwards(self.records, revoke or self.revoke, new_id, self.clock)

    async def keep(self, count: int, **changes: object) -> list[Award]:
        template = published_template()
        batch = batch_of(template)
        awards = []
        for number in range(count):
            sent = SentCredential(Exchange(f"c{number}", f"x{new_id()}"), "registry", str(new_id()))
            awards.append(prepared_award(template, batch, **{"state": Issued(sent), **changes}))
        async with self.records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Digital Skills Trust", "KE", DID))
            await tx.save_template(template)
            await tx.add_batch(batch, awards)
        return awards

    async def order(self, award: Award, **changes: object) -> RevocationOrder:
        given: dict[str, object] = {"batch_id": award.batch_id, "award_ids": frozenset(), "notify": True}
        return await self.many()(ORG, reason=REASON, by=BY, **{**given, **changes})  # type: ignore[arg-type] # any

    async def states(self, awards: list[Award]) -> list[str]:
        async with self.records.reading() as tx:
            found = await tx.awards_of(ORG, [each.id for each in awards])
        return [each.state_name for each in found]

    async def messages(self, *awards: Award) -> list[Message]:
        async with self.records.reading() as tx:
            return list(await tx.messages_of([each.id for each in awards]))

    async def send_all(self) -> None:
        while await SendMessage(self.records, Channel.EMAIL, self.mail, compose, self.links, self.clock)():
            pass


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield World(SqlRecords(db, Outbox(db)))


async def test_whoever_carries_orders_out_is_told_of_one(world: World) -> None:
    awards = await world.keep(1)
    with world.records.bells.listening(TO_REVOKE) as rung:
        began = asyncio.get_running_loop().time()
        await world.order(awards[0])
        await rung()
        assert asyncio.get_running_loop().time() - began < LOOK_SECONDS


async def test_a_cohort_is_revoked_once_and_what_had_ended_stays_as_it_was(world: World) -> None:
    awards = await world.keep(60)
    await world.revoke(ORG, awards[0].id, "Found in another way.")
    assert await world.many().count(ORG, batch_id=awards[0].batch_id, award_ids=()) == 59
    given = await world.order(awards[0])
    await world.many().work_off()

    order, unpublished = await world.many().look_up(ORG, given.id)
    assert (order.total, order.revoked, order.left_out, order.told) == (59, 59, 1, 59)
    assert (order.done_at, unpublished) == (START, 60)
    async with world.records.transaction() as tx:
        found = await tx.awards_of(ORG, [each.id for each in awards])
        assert {each.state for each in found} == {
            Revoked("Found in another way.", START),
            Revoked(REASON, START),
        }
        for award in awards:
            (revocation,) = await tx.revocations_of(ORG, award.id)
            await tx.save_revocation(publish(revocation, now=START))
            last = (await tx.events_of(ORG, award.id))[-1]
            assert (last.what, last.by) == (What.REVOKED, "service" if award is awards[0] else BY)
    assert (await world.many().look_up(ORG, given.id))[1] == 0
    with pytest.raises(AwardRefusesAction, match="nothing is left to revoke"):
        await world.order(awards[0])


async def test_after_a_crash_it_goes_on_where_it_was_and_does_nothing_twice(world: World) -> None:
    awards = await world.keep(60)
    given = await world.order(awards[0])
    for lives in (10, 35):
        DiesAfter.lives = lives
        with pytest.raises(Killed):
            await world.many(DiesAfter(world.records, new_id, world.clock, world.tell)).work_off()
    assert (await world.states(awards)).count("revoked") == 25, "what was committed, and nothing else"
    await world.many().work_off()

    order, unpublished = await world.many().look_up(ORG, given.id)
    assert (order.revoked, order.told, unpublished) == (60, 60, 60)
    async with world.records.reading() as tx:
        for award in awards:
            assert [each.what for each in await tx.events_of(ORG, award.id)].count(What.REVOKED) == 1
    assert len(await world.messages(*awards)) == 60


async def test_chosen_awards_are_revoked_and_no_other(world: World) -> None:
    awards = await world.keep(4)
    await world.order(awards[0], batch_id=None, award_ids=frozenset({awards[1].id, awards[3].id}))
    await world.many().work_off()
    assert await world.states(awards) == ["issued", "revoked", "issued", "revoked"]


async def test_what_does_not_exist_is_refused_and_nothing_is_ordered(world: World) -> None:
    (award,) = await world.keep(1)
    with pytest.raises(BatchUnknown, match="no batch"):
        await world.order(award, batch_id=new_id())
    with pytest.raises(AwardUnknown, match="None was revoked"):
        await world.order(award, batch_id=None, award_ids=frozenset({award.id, new_id()}))
    assert not await world.many().work()


async def test_an_order_of_somebody_else_is_not_there(world: World) -> None:
    (award,) = await world.keep(1)
    given = await world.order(award)
    with pytest.raises(OrderUnknown, match="no order"):
        await world.many().look_up("elimu", given.id)


async def test_orders_done_long_ago_go_with_the_next_one(world: World) -> None:
    first, second = await world.keep(1), await world.keep(1)
    past = await world.order(first[0])
    await world.many().work_off()
    world.clock.now += ORDERS_KEPT + timedelta(seconds=1)
    await world.order(second[0])
    with pytest.raises(OrderUnknown, match="more than 30 days ago"):
        await world.many().look_up(ORG, past.id)


class TestTheLearner:
    async def test_reads_the_reason_in_her_language_where_her_address_is_kept(self, world: World) -> None:
        awards = await world.keep(1, graduate=graduate(language="fr"))
        awards += await world.keep(1, graduate=graduate(email="", phone=""))
        for award in awards:
            await world.revoke(ORG, award.id, REASON, notify=True)
        await world.send_all()
        (message,) = await world.messages(*awards)
        assert (message.kind, message.state) == (Kind.REVOKED, Sent(START))
        ((_, to, _, letter),) = world.mail.given
        assert to == "amina@example.org"
        assert REASON in letter.text
        assert "est révoquée" in letter.subject
        assert "issuer.example" not in letter.text, "there is nothing to claim"

    async def test_is_not_written_to_unasked_nor_where_mail_came_back(self, world: World) -> None:
        unasked, bounced = await world.keep(2)
        async with world.records.transaction() as tx:
            await tx.add_message(message_to(bounced))
            (message,) = await tx.messages_of([bounced.id])
            await tx.save_message(bounce(message, "No such mailbox.", now=START))
        await world.revoke(ORG, unasked.id, REASON)
        await world.revoke(ORG, bounced.id, REASON, notify=True)
        assert [each.kind for each in await world.messages(unasked, bounced)] == [Kind.CLAIM_LINK]

    async def test_gets_the_link_of_the_corrected_award_as_her_cohort_did(self, world: World) -> None:
        (award,) = await world.keep(1)
        async with world.records.transaction() as tx:
            await tx.save_delivery(delivery_of(award.batch_id, one_way=OneWay.WITHOUT_CODE))
            await tx.save_claim_link(claim_link_of(award))
        supersede = SupersedeAward(world.records, new_id, world.clock, SECRET, world.tell)
        new, code = await supersede(ORG, award.id, {"given_name": "Amani"}, reason=REASON, notify=True)
        await world.send_all()
        (message,) = await world.messages(new)
        assert (message.kind, message.state_name, code) == (Kind.CORRECTED, "sent", None)
        assert world.links.long(new.id) in world.mail.given[0][3].text
        assert "has corrected your award" in world.mail.given[0][3].text
        async with world.records.reading() as tx:
            assert [each.what for each in await tx.events_of(ORG, new.id)] == [What.PREPARED, What.DELIVERED]

    async def test_who_lost_her_wallet_gets_the_link_but_never_the_code(self, world: World) -> None:
        (award,) = await world.keep(1, graduate=graduate(phone="+254700000001"))
        lost = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.DOCUMENT, "", BY, START))
        reissue = ReissueAward(world.records, new_id, world.clock, SECRET, world.tell)
        new, code = await reissue(ORG, award.id, lost, beyond_limit=False, notify=True)
        await world.send_all()
        assert [each.kind for each in await world.messages(new)] == [Kind.REISSUED]
        text = world.mail.given[0][3].text
        assert world.links.long(new.id) in text
        assert code not in text
        assert "gives it to you separately" in text
