"""From choosing how to send a batch to what became of each message: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Declined, Issued, Prepared, State
from issuer.domain.bounce import message_id_of
from issuer.domain.claim import MAX_WRONG_CODES, ClaimLinks, claim_code, code_digest, try_code
from issuer.domain.delivery import LINK_DAYS, OneWay, Reminders
from issuer.domain.message import PAUSES, Bounced, Channel, Failed, Kind, Message, Queued
from issuer.domain.organisation import Organisation
from issuer.entry.message_text import compose
from issuer.errors import (
    AddressRefused,
    AwardRefusesAction,
    AwardUnknown,
    BatchUnknown,
    ChannelAway,
    ClaimLinkOver,
    MessageRefused,
    MessageUnknown,
    NothingToSendBy,
    NotNow,
    SecondWayMissing,
)
from issuer.main import MIGRATIONS
from issuer.ports import Letter
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.deliver import Deliver
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.hand_out import HandOut
from issuer.use_cases.look_up_delivery import LookUpDelivery
from issuer.use_cases.remind_graduates import RemindGraduates
from issuer.use_cases.send_award import Instead, SendAward
from issuer.use_cases.send_batch import BatchSent, SendBatch
from issuer.use_cases.send_message import LEASE, SendMessage
from issuer.use_cases.take_bounce import TakeBounce
from shared.adapters.sql_outbox import Outbox
from tests.contract.issuer.test_past_awards import SENT
from tests.support.carrier import FakeCarrier
from tests.support.databases import migrated
from tests.support.issuer import (
    DID,
    ORG,
    SECRET,
    FakeAgent,
    FakeClock,
    batch_of,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import delivery_of
from tests.support.smtp_server import report_about

PHONE = "+254700000001"
MAIL = "amina@example.org"
BOTH = frozenset({Channel.EMAIL, Channel.SMS})


@dataclass
class World:
    """Everything about delivery, over one database, with a clock that stands still."""

    records: SqlRecords
    clock: FakeClock = field(default_factory=FakeClock)
    mail: FakeCarrier = field(default_factory=FakeCarrier)
    sms: FakeCarrier = field(default_factory=lambda: FakeCarrier(segments=2))
    available: frozenset[Channel] = BOTH

    def __post_init__(self) -> None:
        self.links = ClaimLinks("https://issuer.example", SECRET)
        self.take_bounce = TakeBounce(self.records, self.clock)
        self.look_up = LookUpDelivery(self.records)
        self.hand_out = HandOut(self.records, self.links, self.clock)

    @property
    def deliver(self) -> Deliver:
        return Deliver(self.links, new_id, self.available)

    async def keep(self, *awards: dict[str, str], state: State | None = None) -> list[Award]:
        """A batch with an award for each; a dict says what is special about a graduate."""
        template = published_template()
        batch = batch_of(template)
        kept = [
            prepared_award(template, batch, graduate=graduate(**each), state=state or Prepared())
            for each in awards
        ]
        async with self.records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Digital Skills Trust", "KE", DID))
            await tx.save_template(template)
            await tx.add_batch(batch, kept)
        return kept

    async def send_batch(self, batch_id: UUID, **changes: Any) -> BatchSent:  # noqa: ANN401 - any field
        return await SendBatch(self.records, self.deliver, self.clock)(delivery_of(batch_id, **changes))

    async def send_award(self, award: Award, **instead: Any) -> Sequence[Message]:  # noqa: ANN401 - any field
        use_case = SendAward(self.records, self.deliver, self.clock)
        return await use_case(ORG, award.id, Instead(**instead))

    def sender(self, channel: Channel) -> SendMessage:
        carrier = self.mail if channel is Channel.EMAIL else self.sms
        return SendMessage(self.records, channel, carrier, compose, self.links, self.clock)

    async def send_all(self) -> None:
        for channel in BOTH:
            while await self.sender(channel)():
                pass

    async def remind(self) -> int:
        return await RemindGraduates(self.records, self.deliver, self.clock)()

    async def messages(self, *awards: Award) -> list[Message]:
        async with self.records.reading() as tx:
            return list(await tx.messages_of([award.id for award in awards]))

    async def award(self, award: Award) -> Award:
        async with self.records.reading() as tx:
            found = await tx.award(ORG, award.id)
        assert found is not None
        return found

    async def save(self, award: Award) -> None:
        async with self.records.transaction() as tx:
            await tx.save_award(award)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield World(SqlRecords(db, Outbox(db)))


async def test_the_link_goes_by_mail_the_code_by_sms_and_a_second_call_sends_nothing_twice(
    world: World,
) -> None:
    (award,) = await world.keep({"phone": PHONE})
    first = await world.send_batch(award.batch_id)
    assert (first.queued, first.sent_before) == ({Channel.EMAIL: 1}, 0)
    assert await world.send_batch(award.batch_id) == replace(first, queued={}, sent_before=1)
    await world.send_all()

    assert (world.mail.told, world.sms.told) == ([("claim_link", MAIL)], [("code", PHONE)])
    (_, _, sender, letter), (_, _, _, code) = world.mail.given[0], world.sms.given[0]
    assert sender == "Digital Skills Trust"
    assert world.links.long(award.id) in letter.text
    assert "20 May 2027" in letter.text, "the link's last day"
    assert claim_code(SECRET, award.id) in code.short
    assert claim_code(SECRET, award.id) not in letter.text + letter.html + letter.short
    kept = await world.award(award)
    assert try_code(kept, SECRET, claim_code(SECRET, award.id)) is kept
    assert [m.segments for m in await world.messages(award)] == [None, 2]
    assert {m.state_name for m in await world.messages(award)} == {"sent"}


async def test_two_calls_at_once_send_once(world: World) -> None:
    awards = await world.keep(*({"phone": PHONE, "given_name": f"Amina {n}"} for n in range(5)))
    await asyncio.gather(*(world.send_batch(awards[0].batch_id) for _ in range(3)))
    await world.send_all()
    assert len(world.mail.given) == len(world.sms.given) == 5


async def test_several_senders_send_each_message_once(world: World) -> None:
    awards = await world.keep(*({"phone": PHONE, "given_name": f"Amina {n}"} for n in range(6)))
    await world.send_batch(awards[0].batch_id)
    await asyncio.gather(world.send_all(), world.send_all(), world.send_all())
    assert sorted(m.award_id for m, _, _, _ in world.mail.given) == sorted(a.id for a in awards)


async def test_whom_one_way_reaches_is_held_until_somebody_chooses(world: World) -> None:
    one, none = await world.keep({}, {"email": ""})
    done = await world.send_batch(one.batch_id)
    assert (done.held, done.queued) == ({Channel.EMAIL: 1}, {Channel.SHEET: 1})
    await world.send_all()
    assert not world.mail.given

    done = await world.send_batch(one.batch_id, one_way=OneWay.CODE_ON_SLIP)
    assert (done.held, done.queued, done.sent_before) == ({}, {Channel.EMAIL: 1}, 1)
    await world.send_all()
    assert world.mail.told == [("claim_link", MAIL)]

    slips, following = await world.hand_out.slips(ORG, one.batch_id, after=None, limit=10)
    assert following is None
    by_name = {slip.facts.link: slip for slip in slips}
    assert by_name[world.links.long(one.id)].facts.code == claim_code(SECRET, one.id)
    assert by_name[world.links.long(none.id)].facts.code == ""
    assert {m.state_name for m in await world.messages(one, none)} == {"sent"}


async def test_without_a_code_only_when_chosen(world: World) -> None:
    (award,) = await world.keep({})
    await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
    assert (await world.award(award)).code_digest is None
    assert [m.kind for m in await world.messages(award)] == [Kind.CLAIM_LINK]


async def test_a_code_that_was_given_to_the_officer_is_never_sent(world: World) -> None:
    (award,) = await world.keep({"phone": PHONE})
    own = code_digest(SECRET, award.id, "ABCD2345")
    await world.save(replace(award, code_digest=own))
    await world.send_batch(award.batch_id)
    await world.send_all()
    assert (world.mail.told, world.sms.told) == ([("claim_link", MAIL)], [])
    assert "gives it to you separately" in world.mail.given[0][3].text
    assert (await world.award(award)).code_digest == own


async def test_claimed_and_declined_awards_are_left_alone(world: World) -> None:
    (claimed,) = await world.keep({}, state=Issued(SENT))
    done = await world.send_batch(claimed.batch_id, one_way=OneWay.WITHOUT_CODE)
    assert (done.queued, done.not_waiting) == ({}, 1)
    with pytest.raises(AwardRefusesAction, match="nothing to claim"):
        await world.send_award(claimed)


async def test_an_award_claimed_before_its_mail_went_out_gets_none(world: World) -> None:
    (award,) = await world.keep({})
    await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
    await world.save(replace(await world.award(award), state=Issued(SENT)))
    await world.send_all()
    assert not world.mail.given
    (message,) = await world.messages(award)
    assert isinstance(message.state, Failed)
    assert message.reason == "Not sent: the award is issued by now."


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (NotNow("full"), Queued),
        (AddressRefused("unknown"), Bounced),
        (MessageRefused("spam"), Failed),
    ],
)
async def test_what_a_carrier_says_is_noted(
    world: World, refusal: NotNow | AddressRefused | MessageRefused, state: type
) -> None:
    (award,) = await world.keep({})
    await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
    world.mail.refuse = [refusal]
    await world.send_all()
    (message,) = await world.messages(award)
    assert isinstance(message.state, state)
    assert message.reason == str(refusal)
    world.clock.pass_by(seconds=PAUSES[0].total_seconds())
    await world.send_all()
    assert len(world.mail.given) == (1 if state is Queued else 0), "tried again only after what passes"


async def test_while_a_server_is_away_messages_wait_and_no_try_is_counted(world: World) -> None:
    (award,) = await world.keep({})
    await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
    world.mail.refuse = [ChannelAway("The mail server cannot be used: x.")]
    with pytest.raises(ChannelAway, match="cannot be used"):
        await world.sender(Channel.EMAIL)()
    (message,) = await world.messages(award)
    assert (message.state_name, message.attempts) == ("queued", 0)
    world.clock.pass_by(minutes=1)
    await world.send_all()
    assert len(world.mail.given) == 1


async def test_who_dies_between_sending_and_noting_doubles_one_message_under_the_same_id(
    world: World,
) -> None:
    (award,) = await world.keep({})
    await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)

    dying = replace(world.sender(Channel.EMAIL), carrier=_Dying(world.mail))
    with pytest.raises(_Killed):
        await dying()
    await world.send_all()
    assert len(world.mail.given) == 1, "nobody else sends it while the lease lasts"
    world.clock.pass_by(seconds=LEASE.total_seconds())
    await world.send_all()
    await world.send_all()
    first, second = (message.id for message, _, _, _ in world.mail.given)
    assert first == second


class _Killed(BaseException):
    """The process ends here."""


@dataclass
class _Dying:
    """Sends, and does not live to say so."""

    carrier: FakeCarrier

    async def send(self, message: Message, *, to: str, sender: str, letter: Letter) -> int | None:
        await self.carrier.send(message, to=to, sender=sender, letter=letter)
        raise _Killed

    async def rest(self) -> None:
        pass


class TestBounces:
    async def report(self, world: World, message: Message, **changes: str) -> Message:
        content = report_about(message_id_of(message.id, "ngo.example"), to="x@ngo.example", **changes)
        return await world.take_bounce(ORG, content)

    async def test_a_bounce_shows_on_the_award_and_the_address_is_not_tried_again(self, world: World) -> None:
        (award,) = await world.keep({"phone": PHONE})
        await world.send_batch(award.batch_id)
        await world.send_all()
        link = (await world.messages(award))[0]
        bounced = await self.report(world, link)
        assert isinstance(bounced.state, Bounced)
        assert "user unknown" in bounced.reason
        assert await self.report(world, link) == bounced, "taken in twice, it changes nothing"

        with pytest.raises(SecondWayMissing, match="Only one way reaches this graduate"):
            await world.send_award(award)
        await world.send_award(award, one_way=OneWay.WITHOUT_CODE)
        await world.send_all()
        assert world.sms.told[-1] == ("claim_link", PHONE), "the other way"
        assert (await world.award(award)).code_digest is None

    async def test_what_failed_for_now_is_sent_anew_and_a_delay_changes_nothing(self, world: World) -> None:
        (award,) = await world.keep({})
        await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
        await world.send_all()
        (link,) = await world.messages(award)
        assert (await self.report(world, link, action="delayed", status="4.4.1")).state_name == "sent"
        assert (await self.report(world, link, status="4.4.7")).state_name == "queued"
        assert (await self.report(world, link, status="4.4.7")).state_name == "queued"
        world.clock.pass_by(minutes=1)
        await world.send_all()
        assert len(world.mail.given) == 2

    async def test_a_report_about_anothers_message_finds_none(self, world: World) -> None:
        (award,) = await world.keep({})
        await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE)
        (link,) = await world.messages(award)
        for organisation, message_id in (("another", link.id), (ORG, new_id())):
            with pytest.raises(MessageUnknown, match="No message of your organisation"):
                await world.take_bounce(
                    organisation, report_about(message_id_of(message_id, "ngo.example"), to="x@ngo.example")
                )


class TestOneAward:
    async def test_it_is_sent_again_with_a_new_last_day_but_not_while_it_waits(self, world: World) -> None:
        (award,) = await world.keep({"phone": PHONE})
        await world.send_award(award)
        assert len(await world.send_award(award)) == 2, "it waits to be sent already"
        await world.send_all()
        world.clock.pass_by(days=30)
        assert len(await world.send_award(award)) == 4
        await world.send_all()
        assert len(world.mail.given) == 2
        first, second = (code.short for _, _, _, code in world.sms.given)
        assert first == second, "the same code"
        link, _ = await world.look_up.award(ORG, award.id)
        assert link is not None
        assert link.until == (world.clock() + timedelta(days=LINK_DAYS)).date()

    async def test_a_link_closed_by_wrong_codes_is_not_sent_again(self, world: World) -> None:
        (award,) = await world.keep({"phone": PHONE})
        await world.save(replace(award, wrong_codes=MAX_WRONG_CODES))
        with pytest.raises(AwardRefusesAction, match="supersede without corrections"):
            await world.send_award(award)

    async def test_an_unknown_award_or_batch_is_said_to_be(self, world: World) -> None:
        (award,) = await world.keep({})
        with pytest.raises(AwardUnknown, match="There is no award"):
            await world.send_award(replace(award, id=new_id()))
        with pytest.raises(BatchUnknown, match="There is no batch"):
            await world.send_batch(new_id())

    async def test_with_nothing_set_up_slips_and_list_are_named(self, world: World) -> None:
        world.available = frozenset()
        (award,) = await world.keep({})
        with pytest.raises(NothingToSendBy, match=r"slips\.pdf"):
            await world.send_batch(award.batch_id)


class TestLastDay:
    async def test_after_it_the_page_says_what_to_do_and_nothing_is_handed_out(self, world: World) -> None:
        (award,) = await world.keep({})
        await world.send_batch(award.batch_id, one_way=OneWay.WITHOUT_CODE, link_days=10)
        token = world.links.short(award.id).rpartition("/")[2]
        find = FindClaim(world.records, world.clock)
        begin = BeginClaim(world.records, FakeAgent(), world.clock, SECRET)
        found = await find(token)
        assert (found.until, found.over) == ((world.clock() + timedelta(days=10)).date(), False)
        await world.send_all()

        world.clock.pass_by(days=12)
        assert (await find(token)).over
        with pytest.raises(ClaimLinkOver, match="The award still waits for you"):
            await begin(token, code=None)

        await world.send_award(award)
        assert not (await find(token)).over, "a new last day"


class TestReminders:
    async def test_after_the_days_so_often_and_only_who_did_not_come(self, world: World) -> None:
        waiting, claimed, declined, bounced = await world.keep(
            *({"phone": PHONE, "email": f"{name}@example.org"} for name in "wcdb")
        )
        await world.send_batch(waiting.batch_id, reminders=Reminders(every_days=14, most=2))
        await world.send_all()
        await world.save(replace(await world.award(claimed), state=Issued(SENT)))
        await world.save(replace(await world.award(declined), state=Declined()))
        link = next(m for m in await world.messages(bounced) if m.kind is Kind.CLAIM_LINK)
        await TestBounces().report(world, link)
        world.mail.given.clear()

        assert await world.remind() == 0, "not yet"
        for expected in (1, 1, 0):
            world.clock.pass_by(days=15)
            assert await world.remind() == expected
            assert await world.remind() == 0, "not twice"
            await world.send_all()
        assert world.mail.told == [("reminder", "w@example.org")] * 2
        assert "still waits" in world.mail.given[0][3].text

    async def test_nobody_is_reminded_of_a_link_that_is_over_or_where_it_was_not_chosen(
        self, world: World
    ) -> None:
        (award,) = await world.keep({"phone": PHONE})
        await world.send_batch(award.batch_id, link_days=10)
        await world.send_all()
        world.clock.pass_by(days=20)
        assert await world.remind() == 0
        await world.send_batch(award.batch_id, link_days=10, reminders=Reminders(every_days=5, most=2))
        assert await world.remind() == 0


async def test_slips_come_in_parts_and_links_as_a_whole(world: World) -> None:
    awards = await world.keep(*({"given_name": f"Amina {n}"} for n in range(5)))
    some, after = await world.hand_out.slips(ORG, awards[0].batch_id, after=None, limit=3)
    rest, end = await world.hand_out.slips(ORG, awards[0].batch_id, after=after, limit=3)
    assert (len(some), len(rest), end) == (3, 2, None)
    listed = await world.hand_out.list_links(ORG, awards[0].batch_id)
    assert [each.award.id for each in listed] == [award.id for award in awards]
    assert all(each.link is not None for each in listed), "a slip's link has its last day"
