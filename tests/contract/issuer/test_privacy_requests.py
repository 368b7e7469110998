"""Requests about one's own data: found, checked, copied, erased; on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import delete

from issuer.adapters.sql_privacy import SqlPrivacyRequests
from issuer.adapters.sql_records import SqlRecords
from issuer.adapters.sql_tables import BatchRowRow
from issuer.domain.award import Award, Exchange, Issued, Offered, Revoked, SentCredential
from issuer.domain.privacy_request import Outcome, PrivacyRequest, RequestKind, Sought
from issuer.domain.question import ask
from issuer.domain.reissue import CheckMethod, IdentityCheck
from issuer.entry.privacy_api import copy_json
from issuer.errors import PrivacyRequestRefusesAction, PrivacyRequestUnknown
from issuer.main import MIGRATIONS
from issuer.use_cases.answer_privacy_request import ERASED, AnswerPrivacyRequest
from issuer.use_cases.check_privacy_request import CheckPrivacyRequest
from issuer.use_cases.look_up_privacy_requests import LookUpPrivacyRequests
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.take_privacy_request import TakePrivacyRequest
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from shared.contracts.question_words import Matter
from tests.support.databases import migrated
from tests.support.issuer import (
    ORG,
    START,
    FakeClock,
    batch_of,
    graduate,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.messages import claim_link_of, message_to

ADDRESS, PHONE = "amina@example.org", "+254700123456"
CHECK = IdentityCheck(CheckMethod.DOCUMENT, "passport seen", "member:1", START)


def sent(number: int) -> SentCredential:
    return SentCredential(Exchange("connection", f"exchange-{number}"), "registry", str(number))


@dataclass
class World:
    db: Database
    records: SqlRecords
    requests: SqlPrivacyRequests
    clock: FakeClock

    async def keep(self, *awards: dict[str, object], organisation: str = ORG) -> list[Award]:
        template = published_template(organisation=organisation)
        batch = batch_of(template)
        made = [
            replace(prepared_award(template, batch, **changes), row=row)
            for row, changes in enumerate(awards, start=2)
        ]
        async with self.records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, made)
            for award in made:
                await tx.save_claim_link(claim_link_of(award, short_digest=str(award.id)))
                await tx.add_message(message_to(award, organisation=organisation))
        async with self.db.session() as session:
            for award in made:
                session.add(
                    BatchRowRow(
                        batch_id=str(batch.id),
                        row=award.row,
                        organisation=organisation,
                        state="prepared",
                        cells={"given_name": "Amina", "email": ADDRESS},
                        complaints=[],
                        all_the_same=False,
                        award_id=str(award.id),
                    )
                )
        return made

    async def take(
        self, sought: Sought, kind: RequestKind = RequestKind.ERASURE, organisation: str = ORG
    ) -> PrivacyRequest:
        return await TakePrivacyRequest(self.requests, new_id, self.clock)(
            organisation, kind, sought, by="member:1"
        )

    async def check(self, request: PrivacyRequest, *awards: Award) -> PrivacyRequest:
        return await CheckPrivacyRequest(self.requests)(
            request.organisation, request.id, [award.id for award in awards], CHECK
        )

    async def answer(self, request: PrivacyRequest, outcome: Outcome, reason: str = "") -> PrivacyRequest:
        revoke = RevokeAward(self.records, new_id, self.clock)
        return await AnswerPrivacyRequest(self.requests, revoke, self.clock)(
            request.organisation, request.id, outcome, reason=reason, by="member:2"
        )

    async def award(self, award: Award) -> Award:
        async with self.records.reading() as tx:
            found = await tx.award(award.organisation, award.id)
        assert found is not None
        return found


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        yield World(db, SqlRecords(db, Outbox(db)), SqlPrivacyRequests(db), FakeClock())


@pytest.mark.parametrize(
    "sought",
    [
        Sought(email=ADDRESS),
        Sought(email=f" {ADDRESS.upper()} "),
        Sought(phone=PHONE),
        Sought(phone="0700 123-456"),
        Sought(email="nobody@example.org", phone=PHONE),
    ],
)
async def test_somebody_is_found_by_what_is_hers_within_the_organisation(
    world: World, sought: Sought
) -> None:
    hers, _ = await world.keep(
        {"graduate": graduate(email=ADDRESS, phone=PHONE)},
        {"graduate": graduate(given_name="Baraka", email="b@example.org", phone="+254799999999")},
    )
    async with world.db.session() as session:  # rows of the spreadsheet would find both
        await session.exec(delete(BatchRowRow))
    await world.keep({"graduate": graduate(email=ADDRESS, phone=PHONE)}, organisation="other")
    assert (await world.take(sought)).awards == (hers.id,)


async def test_an_award_and_the_name_on_it_find_her_when_her_address_is_gone(world: World) -> None:
    (hers,) = await world.keep({"graduate": graduate(email="")})
    for name in ("Amina Wanjiru", "wanjiru  AMINA", "Amína Wanjiru"):
        assert await world.requests.find(ORG, Sought(award_id=hers.id, name=name)) == [hers.id]
    for name in ("Amina", "Baraka Wanjiru", "", "-"):
        assert await world.requests.find(ORG, Sought(award_id=hers.id, name=name)) == []
    assert await world.requests.find("other", Sought(award_id=hers.id, name="Amina Wanjiru")) == []
    assert await world.requests.find(ORG, Sought(award_id=new_id(), name="Amina Wanjiru")) == []


async def test_a_kept_row_finds_her_when_the_award_no_longer_does_and_nothing_finds_everybody(
    world: World,
) -> None:
    (hers,) = await world.keep({"graduate": graduate(email="")})
    assert await world.requests.find(ORG, Sought(email=ADDRESS)) == [hers.id]
    for sought in (
        Sought(),
        Sought(email="@example.org"),
        Sought(email="%"),
        Sought(phone="456"),
        Sought(phone="x"),
    ):
        assert await world.requests.find(ORG, sought) == []


async def test_requests_are_numbered_by_organisation_and_keep_no_address(world: World) -> None:
    await world.keep({})
    first, second = await world.take(Sought(email=ADDRESS)), await world.take(Sought(email="x@y.z"))
    other = await world.take(Sought(email=ADDRESS), organisation="other")
    assert (first.number, second.number, other.number) == (1, 2, 1)
    assert (second.awards, other.awards) == ((), ())
    assert first.due_on == (START + timedelta(days=30)).date()
    listed = await world.requests.requests(ORG, after=None, limit=9)
    assert listed == [second, first]
    assert await world.requests.requests(ORG, after=second.id, limit=9) == [first]
    assert ADDRESS not in repr(listed)
    with pytest.raises(PrivacyRequestUnknown, match="There is no request"):
        await LookUpPrivacyRequests(world.requests, world.records).one("other", first.id)


async def test_nothing_is_shown_or_erased_before_her_identity_was_checked(world: World) -> None:
    (award,) = await world.keep({"state": Issued(sent(1))})
    look_up = LookUpPrivacyRequests(world.requests, world.records)
    for kind, outcome in ((RequestKind.ACCESS, Outcome.GIVEN), (RequestKind.ERASURE, Outcome.ERASED)):
        request = await world.take(Sought(email=ADDRESS), kind)
        with pytest.raises(PrivacyRequestRefusesAction, match="Nobody has checked yet"):
            await look_up.copy(ORG, request.id)
        with pytest.raises(PrivacyRequestRefusesAction, match="Nobody has checked yet"):
            await world.answer(request, outcome)
    assert (await world.award(award)).graduate.email == ADDRESS


async def test_only_awards_that_were_found_can_be_hers(world: World) -> None:
    found, stranger = await world.keep({}, {"graduate": graduate(given_name="Baraka", email="b@example.org")})
    async with world.db.session() as session:
        await session.exec(delete(BatchRowRow))
    request = await world.take(Sought(email=ADDRESS))
    with pytest.raises(PrivacyRequestRefusesAction, match="is none of them"):
        await world.check(request, found, stranger)
    with pytest.raises(PrivacyRequestRefusesAction, match="none was named"):
        await world.check(request)


async def test_the_copy_holds_everything_about_her(world: World) -> None:
    (award,) = await world.keep({"state": Issued(sent(1))})
    question = ask(
        None,
        award.id,
        organisation=ORG,
        matter=Matter.OTHER,
        text="My name is wrong.",
        message_id="m",
        connection_id="connection",
        now=START,
    )
    assert question is not None
    async with world.records.transaction() as tx:
        await tx.save_question(question)
    request = await world.check(await world.take(Sought(email=ADDRESS), RequestKind.ACCESS), award)
    copy = copy_json(await LookUpPrivacyRequests(world.requests, world.records).copy(ORG, request.id))
    (held,) = copy["awards"]
    assert (held["given_name"], held["email"], held["grade_pct"], held["state"]) == (
        "Amina",
        ADDRESS,
        88,
        "issued",
    )
    assert held["programme"]
    assert [each["what"] for each in held["history"]] == ["issued"]
    assert [each["what"] for each in held["messages"]] == ["claim_link"]
    assert held["questions"] == [{"at": START.isoformat(), "from": "you", "text": "My name is wrong."}]
    assert [row["cells"]["email"] for row in copy["rows_of_spreadsheets"]] == [ADDRESS]
    done = await world.answer(request, Outcome.GIVEN)
    assert (done.state_name, done.answer and done.answer.by) == ("answered", "member:2")
    with pytest.raises(PrivacyRequestRefusesAction, match="answered already"):
        await world.answer(request, Outcome.GIVEN)
    with pytest.raises(PrivacyRequestRefusesAction, match="answered already"):
        await world.check(request, award)


async def test_erasing_takes_what_may_go_and_leaves_what_a_correction_needs(world: World) -> None:
    claimed, waiting, offered, never_out = await world.keep(
        {"state": Issued(sent(1))},
        {},
        {"state": Offered(sent(3).exchange)},
        {"state": Revoked("a mistake", START)},
    )
    everything = (claimed, waiting, offered, never_out)
    request = await world.check(await world.take(Sought(email=ADDRESS)), *everything)
    world.clock.pass_by(days=1)
    done = await world.answer(request, Outcome.ERASED)
    assert done.answer is not None
    assert done.answer.removed == {
        "awards_taken_back": 2,
        "contacts": 4,
        "names": 3,
        "messages": 4,
        "rows": 4,
    }
    after = [await world.award(award) for award in everything]
    assert {award.graduate.email for award in after} == {""}
    assert [award.graduate.given_name for award in after] == ["Amina", "", "", ""]
    assert after[0].contact_deleted_at == world.clock.now
    assert [award.state_name for award in after] == ["issued", "revoked", "revoked", "revoked"]
    assert isinstance(after[1].state, Revoked)
    assert after[1].state.reason == ERASED
    assert await world.requests.request(ORG, request.id) == done
    assert await world.requests.find(ORG, Sought(email=ADDRESS)) == []
    again = await world.requests.erase(ORG, [award.id for award in everything], now=world.clock.now)
    assert again == {}


async def test_another_organisations_awards_are_never_erased(world: World) -> None:
    (theirs,) = await world.keep({}, organisation="other")
    assert await world.requests.erase(ORG, [theirs.id], now=START) == {}
    assert not await world.requests.is_unclaimed(ORG, theirs.id)
    assert (await world.award(theirs)).graduate.email == ADDRESS


async def test_a_request_is_answered_as_it_was_asked_or_with_a_reason(world: World) -> None:
    request = await world.take(Sought(email=ADDRESS), RequestKind.ACCESS)
    with pytest.raises(PrivacyRequestRefusesAction, match="This is a request for access"):
        await world.answer(request, Outcome.ERASED)
    with pytest.raises(PrivacyRequestRefusesAction, match="refusal needs a reason"):
        await world.answer(request, Outcome.REFUSED)
    refused = await world.answer(request, Outcome.REFUSED, "Her identity could not be made sure of.")
    assert refused.answer is not None
    assert refused.answer.reason == "Her identity could not be made sure of."
    nothing = await world.answer(await world.take(Sought(email="x@y.z")), Outcome.NOTHING_HELD)
    assert nothing.answer is not None
    assert nothing.answer.outcome is Outcome.NOTHING_HELD


async def test_requests_go_with_their_time(world: World) -> None:
    await world.take(Sought(email=ADDRESS))
    assert await world.requests.forget(before=START) == 0
    assert await world.requests.forget(before=START + timedelta(seconds=1)) == 1
    assert await world.requests.requests(ORG, after=None, limit=9) == []
