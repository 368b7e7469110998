"""What happened to an award, how far it has come, and finding awards: the fake, SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from issuer.adapters.sql_records import SqlRecords
from issuer.domain import award as states
from issuer.domain.award import Award, Exchange, SentCredential
from issuer.domain.finding import Wanted
from issuer.domain.history import LEARNER, SERVICE, AwardStage, What
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.main import MIGRATIONS
from issuer.ports import Records
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.supersede_award import SupersedeAward
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.ports.audit import CURRENT_DEED, Act, Deed
from tests.support.databases import migrated
from tests.support.issuer import (
    ORG,
    SECRET,
    START,
    FakeClock,
    MemoryRecords,
    batch_of,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import claim_link_of

SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
LOST = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.DOCUMENT, "", "key:7", START))
LATER = START + timedelta(hours=1)


@pytest.fixture
async def records(memory_or_url: str | None) -> AsyncIterator[Records]:
    if memory_or_url is None:
        yield MemoryRecords()
        return
    async with migrated(memory_or_url, MIGRATIONS) as db:
        yield SqlRecords(db, Outbox(db))


async def keep(records: Records, *changes: dict[str, object]) -> list[Award]:
    """Awards of one batch."""
    template = published_template()
    batch = batch_of(template)
    awards = [prepared_award(template, batch, **each) for each in changes or ({},)]
    async with records.transaction() as tx:
        await tx.save_template(template)
        await tx.add_batch(batch, awards)
    return awards


async def claimed(records: Records, award: Award) -> Award:
    """The award once its learner has it."""
    moves: tuple[Callable[[Award], Award], ...] = (
        lambda it: states.invite(it, "invitation", now=LATER),
        lambda it: states.invite(it, "another", now=LATER),
        lambda it: states.offer(it, SENT.exchange, now=LATER),
        lambda it: states.accept(it, SENT.exchange, now=LATER),
        lambda it: states.send(it, SENT, now=LATER),
        lambda it: states.acknowledge(it, now=LATER),
    )
    for move in moves:
        award = move(award)
        async with records.transaction() as tx:
            await tx.save_award(award)
        award = replace(award, version=award.version + 1)
    return award


async def told(records: Records, award: Award) -> list[tuple[str, str, str | None]]:
    async with records.reading() as tx:
        return [(each.what.value, each.reason, each.by) for each in await tx.events_of(ORG, award.id)]


async def stage(records: Records, award: Award) -> AwardStage:
    async with records.reading() as tx:
        return (await tx.stages([award.id]))[award.id]


async def test_every_change_of_state_is_told_once_with_who_made_it(records: Records) -> None:
    (award,) = await keep(records)
    await claimed(records, award)
    assert await told(records, award) == [
        ("prepared", "", SERVICE),
        ("invited", "", LEARNER),
        ("offered", "", SERVICE),
        ("accepted", "", LEARNER),
        ("issued", "", SERVICE),
    ]
    assert await stage(records, award) is AwardStage.ISSUED
    async with records.reading() as tx:
        assert [each.at for each in await tx.events_of(ORG, award.id)] == [START, *[LATER] * 4]
        assert list(await tx.events_of("elimu", award.id)) == []


async def test_what_is_no_change_of_state_is_noted_where_it_leads_further(records: Records) -> None:
    (award,) = await keep(records)
    whats = (What.DELIVERED, What.DELIVERED, What.OPENED, What.OPENED, What.DELIVERED, What.ASKED)
    async with records.transaction() as tx:
        noted = [
            await tx.note(award, what, at=LATER, reason="email" if what is What.DELIVERED else "")
            for what in whats
        ]
    assert noted == [True, False, True, False, False, True]
    assert [each[:2] for each in await told(records, award)] == [
        ("prepared", ""),
        ("delivered", "email"),
        ("opened", ""),
        ("asked", ""),
    ]
    assert await stage(records, award) is AwardStage.OPENED
    await claimed(records, award)
    async with records.transaction() as tx:
        assert not await tx.note(award, What.LINK_EXPIRED, at=LATER)
    assert await stage(records, award) is AwardStage.ISSUED


async def test_what_was_corrected_is_told_from_what_was_issued_again(records: Records) -> None:
    corrected, lost = [await claimed(records, each) for each in await keep(records, {}, {})]
    clock = FakeClock(LATER)
    await SupersedeAward(records, new_id, clock, SECRET)(
        ORG, corrected.id, {"given_name": "Amani"}, reason="A letter was wrong."
    )
    new, _ = await ReissueAward(records, new_id, clock, SECRET)(ORG, lost.id, LOST, beyond_limit=False)
    assert (await told(records, corrected))[-1][:2] == ("superseded", "A letter was wrong.")
    assert (await told(records, lost))[-1][:2] == ("reissued", LOST.told)
    assert [each[:2] for each in await told(records, new)] == [("prepared", LOST.told)]
    assert [await stage(records, each) for each in (corrected, lost, new)] == [
        AwardStage.SUPERSEDED,
        AwardStage.REISSUED,
        AwardStage.PREPARED,
    ]


async def test_nothing_is_told_of_what_did_not_happen(records: Records) -> None:
    (award,) = await keep(records)

    async def half() -> None:
        async with records.transaction() as tx:
            await tx.save_award(states.revoke(award, "A mistake.", now=LATER)[0])
            raise KeyError

    with pytest.raises(KeyError):
        await half()
    assert [each[0] for each in await told(records, award)] == ["prepared"]
    assert await stage(records, award) is AwardStage.PREPARED


async def find(records: Records, wanted: Wanted, *, newest_first: bool = False, limit: int = 9) -> list[UUID]:
    async with records.reading() as tx:
        return list(await tx.find_awards(ORG, wanted, after=None, limit=limit, newest_first=newest_first))


async def test_awards_are_found_by_what_an_officer_knows(records: Records) -> None:
    amina, zoe, selam = await keep(
        records,
        {"graduate": graduate(email="Amina@Example.org", phone="+254700000001")},
        {
            "graduate": graduate(
                given_name="Zoé", family_name="N\u2019Diaye", awarded_on=date(2026, 4, 2), email=""
            )
        },
        {"graduate": graduate(given_name="أمل", family_name="", email="amal%@example.org")},
    )
    (other,) = await keep(records)
    by: list[tuple[Wanted, list[Award]]] = [
        (Wanted(), [amina, zoe, selam, other]),
        (Wanted(name="AMIN"), [amina, other]),
        (Wanted(name=" wanjiru  am"), [amina, other]),
        (Wanted(name="zoe n"), [zoe]),
        (Wanted(name="n'd"), [zoe]),
        (Wanted(name="امل"), [selam]),
        (Wanted(name="%"), [amina, zoe, selam, other]),
        (Wanted(name="ina"), []),
        (Wanted(email=" amina@example.ORG"), [amina, other]),
        (Wanted(email="amal_@example.org"), []),
        (Wanted(phone="0700 000 001"), [amina]),
        (Wanted(phone="+254 700-000-001"), [amina]),
        (Wanted(phone="700000002"), []),
        (Wanted(stage=AwardStage.PREPARED, batch_id=amina.batch_id), [amina, zoe, selam]),
        (Wanted(stage=AwardStage.ISSUED), []),
        (Wanted(template_id=other.template_id), [other]),
        (Wanted(since=date(2026, 3, 2)), [zoe]),
        (Wanted(until=date(2026, 4, 1), name="wanj"), [amina, other]),
    ]
    for wanted, awards in by:
        assert await find(records, wanted) == [each.id for each in awards], wanted


async def test_what_is_found_comes_in_pages_from_either_end(records: Records) -> None:
    awards = [each.id for each in await keep(records, {}, {}, {})]
    assert await find(records, Wanted(), limit=2) == awards[:2]
    assert await find(records, Wanted(), newest_first=True, limit=2) == awards[:0:-1]
    async with records.reading() as tx:
        rest = await tx.find_awards(ORG, Wanted(), after=awards[1], limit=2, newest_first=True)
        assert list(rest) == awards[:1]
        assert list(await tx.find_awards("elimu", Wanted(), after=None, limit=2, newest_first=True)) == []


class TestInSql:
    """What the stand-in in memory does not keep."""

    @pytest.fixture
    async def db(self, database_url: str) -> AsyncIterator[Database]:
        async with migrated(database_url, MIGRATIONS) as db:
            yield db

    async def test_who_acts_is_told_by_the_deed_of_the_request(self, db: Database) -> None:
        records = SqlRecords(db, Outbox(db))
        hers, learners = await keep(records, {}, {})
        for who, award in (("member:7", hers), (None, learners)):
            current = CURRENT_DEED.set(Deed(lambda: Act("POST", ()), who=who))
            try:
                async with records.transaction() as tx:
                    await tx.save_award(states.revoke(award, "A mistake.", now=LATER)[0])
            finally:
                CURRENT_DEED.reset(current)
        assert [(await told(records, each))[-1][2] for each in (hers, learners)] == ["member:7", LEARNER]

    async def test_a_link_that_is_sent_anew_has_not_ended_any_more(self, db: Database) -> None:
        records = SqlRecords(db, Outbox(db))
        (award,) = await keep(records)
        link = claim_link_of(award)
        over = START + timedelta(days=181)
        async with records.transaction() as tx:
            await tx.save_claim_link(link)
            assert list(await tx.expired_links(before=link.until, limit=5)) == []
            assert list(await tx.expired_links(before=over.date(), limit=5)) == [(ORG, award.id)]
            assert await tx.note(award, What.LINK_EXPIRED, at=over)
            assert list(await tx.expired_links(before=over.date(), limit=5)) == []
        assert await stage(records, award) is AwardStage.LINK_EXPIRED
        async with records.transaction() as tx:
            await tx.save_claim_link(replace(link, until=link.until + timedelta(days=9)))
        assert await stage(records, award) is AwardStage.PREPARED

    async def test_a_history_goes_with_its_award(self, db: Database) -> None:
        records = SqlRecords(db, Outbox(db))
        (award,) = await keep(records)
        async with db.session() as session:
            await session.exec(text("delete from award"))  # type: ignore[call-overload] # plain SQL
        assert await told(records, award) == []
