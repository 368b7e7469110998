"""The issuer's verbs over fakes: nothing lost, nothing doubled, nothing half-stored."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

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
    SentCredential,
    begin_offer,
)
from issuer.domain.claim import claim_token, code_digest
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.template import Template
from issuer.errors import (
    AgentRefuses,
    AgentSilent,
    AwardChanged,
    AwardRefusesAction,
    AwardUnknown,
    AwardValuesRefused,
    BatchRefused,
    BatchUnknown,
    ClaimAlreadyUsed,
    ClaimCodeWrong,
    ClaimLinkUnknown,
    NotReady,
    OrganisationUnknown,
    ReissueLimitReached,
    TemplateAlreadyPublished,
    TemplateIncomplete,
    TemplateNotPublished,
    TemplateUnknown,
)
from issuer.ports import Stage
from issuer.use_cases import work
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.draft_template import DraftTemplate
from issuer.use_cases.establish_organisation import EstablishOrganisation
from issuer.use_cases.find_claim import FindClaim
from issuer.use_cases.follow_exchange import FollowExchange
from issuer.use_cases.import_batch import ImportBatch
from issuer.use_cases.look_up import LookUp
from issuer.use_cases.offer_award import OfferAward
from issuer.use_cases.prepare_definition import PrepareDefinition
from issuer.use_cases.publish_revocation import PublishRevocation
from issuer.use_cases.publish_template import PublishTemplate
from issuer.use_cases.reconcile import Reconcile
from issuer.use_cases.reissue_award import ReissueAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.show_status import ShowStatus
from issuer.use_cases.supersede_award import SupersedeAward
from shared.contracts.attributes import ATTRIBUTES
from shared.vc.achievement import AchievementTemplate
from tests.support.issuer import (
    DATA,
    DID,
    ORG,
    SECRET,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    MemoryRecords,
    batch_of,
    description,
    new_id,
    prepared_award,
    published_template,
)
from tests.support.skills import MemorySkills

AUTHOR, APPROVER = "member:amina", "member:baraka"
LOST = Reissue(Loss.WALLET, "", IdentityCheck(CheckMethod.KNOWN_PERSON, "", "key:7", START))


class Issuer:
    """Every use case over the same fakes."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.agent = FakeAgent()
        self.clock = FakeClock()
        self.publications = FakePublications(self.agent)
        self.establish = EstablishOrganisation(self.records, self.publications)
        self.prepare_definition = PrepareDefinition(self.records, self.agent)
        self.draft = DraftTemplate(self.records, new_id, self.clock)
        self.publish = PublishTemplate(self.records, self.publications, MemorySkills(), self.clock)
        self.import_batch = ImportBatch(self.records, new_id, self.clock, SECRET)
        self.begin = BeginClaim(self.records, self.agent, self.clock, SECRET)
        self.find = FindClaim(self.records, self.clock)
        self.offer = OfferAward(self.records, self.agent, self.clock)
        self.follow = FollowExchange(self.records, self.agent, new_id, self.clock)
        self.revoke = RevokeAward(self.records, new_id, self.clock)
        self.supersede = SupersedeAward(self.records, new_id, self.clock, SECRET)
        self.reissue = ReissueAward(self.records, new_id, self.clock, SECRET)
        self.publish_revocation = PublishRevocation(
            self.records, self.agent, ShowStatus(self.agent, self.publications), self.clock
        )
        self.reconcile = Reconcile(self.records, self.agent, self.offer, self.follow, self.clock)
        self.look_up = LookUp(self.records)

    async def ready_with_award(self, **changes: Any) -> Award:  # noqa: ANN401 - any field
        template = published_template()
        batch = batch_of(template)
        award = prepared_award(template, batch, **changes)
        async with self.records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Test", "KE", DID))
            await tx.save_definition(Definition(ORG, "1.0", "revocable", "schema", "definition"))
            await tx.save_template(template)
            await tx.add_batch(batch, [award])
        return award

    def award(self, award: Award) -> Award:
        return self.records.kept.all_awards[award.id]

    async def offered(self, award: Award) -> Exchange:
        """Claim, connect, offer."""
        _, invitation = await self.begin(claim_token(SECRET, award.id), code=None)
        await self.offer(
            invitation_msg_id=invitation.msg_id, connection_id=self.agent.connect(invitation.msg_id)
        )
        exchange = self.award(award).exchange
        assert exchange is not None
        return exchange

    async def sent(self, award: Award) -> Exchange:
        exchange = await self.offered(award)
        self.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        await self.follow(exchange.cred_ex_id)
        return exchange

    async def issued(self, award: Award) -> Exchange:
        exchange = await self.sent(award)
        self.agent.move(exchange.cred_ex_id, Stage.DONE)
        await self.follow(exchange.cred_ex_id)
        return exchange

    def work(self, subject: str) -> list[dict[str, str]]:
        return [facts for told, facts in self.records.told if told == subject]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


class TestSetUp:
    async def test_the_organisation_is_made_once_and_its_definition_ordered(self, issuer: Issuer) -> None:
        first = await issuer.establish(slug="test", name="Test", country="KE")
        again = await issuer.establish(slug="test", name="Another name", country="KE")
        assert again == first
        assert len(issuer.work(work.PREPARE_DEFINITION)) == 2  # until it is made, every start asks

    async def test_a_definition_made_before_a_crash_is_found_again(self, issuer: Issuer) -> None:
        await issuer.establish(slug="test", name="Test", country="KE")
        await issuer.agent.make_definition(DID, await issuer.agent.make_schema(DID))
        await issuer.prepare_definition(ORG)
        await issuer.prepare_definition(ORG)
        assert len(issuer.agent.definitions) == len(issuer.agent.schemas) == 1
        _, definition = await issuer.look_up.organisation(ORG)
        assert definition is not None
        assert definition.credential_definition_id == issuer.agent.definitions[DID]

    async def test_a_silent_agent_leaves_the_definition_to_another_try(self, issuer: Issuer) -> None:
        await issuer.establish(slug="test", name="Test", country="KE")
        issuer.agent.silent = True
        with pytest.raises(AgentSilent):
            await issuer.prepare_definition(ORG)

    async def test_each_organisation_has_a_did_and_a_definition_of_its_own(self, issuer: Issuer) -> None:
        for slug in ("umoja", "elimu"):
            await issuer.establish(slug=slug, name=slug.title(), country="KE")
            await issuer.prepare_definition(slug)
        (umoja, hers), (elimu, its) = [await issuer.look_up.organisation(slug) for slug in ("umoja", "elimu")]
        assert umoja.did != elimu.did
        assert hers is not None
        assert its is not None
        assert hers.credential_definition_id != its.credential_definition_id

    async def test_each_definition_that_is_not_made_yet_is_ordered_again(self, issuer: Issuer) -> None:
        for slug in ("umoja", "elimu"):
            await issuer.establish(slug=slug, name=slug.title(), country="KE")
        await issuer.prepare_definition("umoja")
        await issuer.reconcile()
        issuer.records.told.clear()
        issuer.clock.pass_by(minutes=10)
        await issuer.reconcile()
        assert [order["organisation"] for order in issuer.work(work.PREPARE_DEFINITION)] == ["elimu"]

    async def test_before_the_set_up_there_is_no_organisation(self, issuer: Issuer) -> None:
        with pytest.raises(OrganisationUnknown, match="There is no organisation test"):
            await issuer.look_up.organisation(ORG)


class TestTemplates:
    async def test_a_draft_is_completed_and_published_once(self, issuer: Issuer) -> None:
        await issuer.establish(slug="test", name="Test", country="KE")
        draft = await issuer.draft(ORG, AchievementTemplate(), by=AUTHOR)
        with pytest.raises(TemplateIncomplete) as refused:
            await issuer.publish(ORG, draft.id, by=APPROVER)
        assert "learning outcomes" in refused.value.missing
        assert issuer.publications.editions == {}

        await issuer.draft(ORG, description(), by=AUTHOR, template_id=draft.id)
        published = await issuer.publish(ORG, draft.id, by=APPROVER)
        assert await issuer.publish(ORG, draft.id, by=APPROVER) == published
        assert len(issuer.publications.editions) == 1
        with pytest.raises(TemplateAlreadyPublished, match="never changes"):
            await issuer.draft(ORG, description(), by=AUTHOR, template_id=draft.id)

    async def test_an_unknown_template_is_not_found(self, issuer: Issuer) -> None:
        unknown = new_id()
        for asking in (
            issuer.publish(ORG, unknown, by=APPROVER),
            issuer.draft(ORG, description(), by=AUTHOR, template_id=unknown),
            issuer.look_up.template(ORG, unknown),
            issuer.import_batch(ORG, unknown, b""),
        ):
            with pytest.raises(TemplateUnknown, match="There is no template"):
                await asking


class TestBatches:
    async def test_a_good_file_becomes_a_batch(self, issuer: Issuer) -> None:
        template = await self._published(issuer)
        done = await issuer.import_batch(ORG, template.id, (DATA / "graduates.csv").read_bytes())
        assert done.batch is not None
        assert await issuer.look_up.batch(ORG, done.batch.id) == (done.batch, {"prepared": 24})
        awards = await issuer.look_up.awards(ORG, batch_id=done.batch.id, after=None, limit=50)
        assert [award.row for award, _ in awards] == list(range(2, 26))
        assert len({award.identity_salt for award, _ in awards}) == 24

    async def test_a_dry_run_stores_nothing(self, issuer: Issuer) -> None:
        template = await self._published(issuer)
        done = await issuer.import_batch(
            ORG, template.id, (DATA / "graduates-faulty.csv").read_bytes(), dry_run=True
        )
        assert (len(done.sheet.graduates), len(done.sheet.complaints)) == (2, 8)
        assert issuer.records.kept.all_awards == {}

    async def test_a_faulty_file_is_refused_whole_unless_its_good_rows_are_wanted(
        self, issuer: Issuer
    ) -> None:
        template = await self._published(issuer)
        faulty = (DATA / "graduates-faulty.csv").read_bytes()
        with pytest.raises(BatchRefused, match="2 rows are good and 8 are not") as refused:
            await issuer.import_batch(ORG, template.id, faulty)
        assert len(refused.value.complaints) == 8
        assert issuer.records.kept.all_batches == {}

        done = await issuer.import_batch(ORG, template.id, faulty, accept_good_rows=True)
        assert done.batch is not None
        assert (done.batch.rows, done.batch.awards) == (10, 2)
        assert len(issuer.records.kept.all_awards) == 2

    async def test_a_single_row_is_spoken_of_as_one(self, issuer: Issuer) -> None:
        template = await self._published(issuer)
        header, good, *_ = (DATA / "graduates.csv").read_bytes().splitlines(keepends=True)
        with pytest.raises(BatchRefused, match=r"^1 row is good and 1 is not; nothing"):
            await issuer.import_batch(ORG, template.id, header + good + b"=1+1,,,,,never,\n")

    async def test_a_file_without_a_good_row_is_refused_either_way(self, issuer: Issuer) -> None:
        template = await self._published(issuer)
        with pytest.raises(BatchRefused, match="No row"):
            await issuer.import_batch(ORG, template.id, b"nonsense", accept_good_rows=True)

    async def test_codes_are_shown_once_and_stored_only_as_digests(self, issuer: Issuer) -> None:
        template = await self._published(issuer)
        done = await issuer.import_batch(ORG, template.id, (DATA / "graduates.csv").read_bytes(), codes=True)
        assert done.codes is not None
        for award_id, code in done.codes.items():
            stored = issuer.records.kept.all_awards[award_id]
            assert stored.code_digest == code_digest(SECRET, award_id, code)
            assert code not in repr(stored)

    async def test_a_draft_cannot_be_awarded(self, issuer: Issuer) -> None:
        draft = await issuer.draft(ORG, description(), by=AUTHOR)
        with pytest.raises(TemplateNotPublished, match="publish"):
            await issuer.import_batch(ORG, draft.id, b"")

    async def test_an_unknown_batch_is_not_found(self, issuer: Issuer) -> None:
        with pytest.raises(BatchUnknown, match="There is no batch"):
            await issuer.look_up.batch(ORG, new_id())
        with pytest.raises(BatchUnknown, match="There is no batch"):
            await issuer.look_up.awards(ORG, batch_id=new_id(), after=None, limit=5)

    @staticmethod
    async def _published(issuer: Issuer) -> Template:
        template = published_template()
        async with issuer.records.transaction() as tx:
            await tx.save_template(template)
        return template


class TestClaims:
    async def test_looking_changes_nothing(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        found = await issuer.find(claim_token(SECRET, award.id))
        assert (found.award, found.template.title, found.organisation.name) == (
            award,
            "Data Analytics Foundations",
            "Test",
        )
        assert (found.until, found.over) == (None, False), "a link that was not sent has no last day"
        assert issuer.award(award) == award

    async def test_an_unknown_link_leads_nowhere(self, issuer: Issuer) -> None:
        with pytest.raises(ClaimLinkUnknown, match="No award waits behind this link"):
            await issuer.find("unknown")
        with pytest.raises(ClaimLinkUnknown, match="No award waits behind this link"):
            await issuer.begin("unknown", code=None)

    async def test_the_offer_carries_every_attribute_of_the_profile(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        await issuer.offered(award)
        (offer,) = issuer.agent.offers
        assert tuple(offer["attributes"]) == ATTRIBUTES
        assert offer["definition"] == "definition"
        assert offer["attributes"]["achievement_id"] == award.edition_id

    async def test_claiming_again_ends_what_was_begun_and_offers_the_same(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        first = await issuer.offered(award)
        second = await issuer.offered(award)
        assert issuer.agent.abandoned == [first.cred_ex_id]
        assert issuer.award(award).exchange == second
        assert issuer.agent.offers[0] == issuer.agent.offers[1]

    async def test_a_button_pressed_twice_gets_two_answers_of_which_the_later_counts(
        self, issuer: Issuer
    ) -> None:
        award = await issuer.ready_with_award()
        token = claim_token(SECRET, award.id)

        class PressedTwice(FakeAgent):
            async def invite(self, **facts: Any) -> Any:  # noqa: ANN401 - as the port
                if issuer.award(award).version == 1:
                    await issuer.begin(token, code=None)
                return await issuer.agent.invite(**facts)

        begin = BeginClaim(issuer.records, PressedTwice(), issuer.clock, SECRET)
        _, invitation = await begin(token, code=None)
        assert issuer.award(award).state == Invited(invitation.msg_id)

    async def test_a_claim_waits_for_the_definition(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        async with issuer.records.transaction() as tx:
            await tx.save_definition(Definition(ORG, "1.0", "revocable"))
        with pytest.raises(NotReady, match="still preparing its credentials"):
            await issuer.begin(claim_token(SECRET, award.id), code=None)
        assert issuer.award(award).state == Prepared()

    async def test_a_wrong_code_is_refused_and_remembered(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        async with issuer.records.transaction() as tx:
            await tx.save_award(replace(award, code_digest=code_digest(SECRET, award.id, "RIGHT234")))
        token = claim_token(SECRET, award.id)
        with pytest.raises(ClaimCodeWrong, match="4 attempts left"):
            await issuer.begin(token, code="WRONG234")
        assert issuer.award(award).wrong_codes == 1
        await issuer.begin(token, code="right-234")
        assert isinstance(issuer.award(award).state, Invited)

    async def test_a_silent_agent_leaves_the_award_as_it_was(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        issuer.agent.silent = True
        with pytest.raises(AgentSilent):
            await issuer.begin(claim_token(SECRET, award.id), code=None)
        assert issuer.award(award) == award


class TestExchange:
    async def test_an_award_is_issued_when_the_wallet_acknowledges(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.sent(award)
        assert issuer.award(award).state_name == "accepted"
        issuer.agent.move(exchange.cred_ex_id, Stage.DONE)
        await issuer.follow(exchange.cred_ex_id)
        assert isinstance(issuer.award(award).state, Issued)
        assert len(issuer.work(work.CREDENTIAL_ISSUED)) == 1
        with pytest.raises(ClaimAlreadyUsed):
            await issuer.begin(claim_token(SECRET, award.id), code=None)

    @pytest.mark.parametrize("times", [2, 3])
    async def test_events_that_come_again_change_nothing(self, issuer: Issuer, times: int) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.issued(award)
        before = issuer.award(award)
        for _ in range(times):
            await issuer.follow(exchange.cred_ex_id)
        await issuer.reconcile()
        assert issuer.award(award) == before
        assert len(issuer.work(work.CREDENTIAL_ISSUED)) == 1

    async def test_an_offer_that_went_out_before_a_crash_is_adopted(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)
        connection = issuer.agent.connect(invitation.msg_id)

        class Crash(Exception):
            pass

        class Dying(FakeAgent):
            async def offer(self, **facts: Any) -> Exchange:  # noqa: ANN401 - as the port
                await issuer.agent.offer(**facts)
                raise Crash

        with pytest.raises(Crash):
            await OfferAward(issuer.records, Dying(), issuer.clock)(
                invitation_msg_id=invitation.msg_id, connection_id=connection
            )
        assert issuer.award(award).state == Invited(invitation.msg_id, connection)
        await issuer.offer(invitation_msg_id=invitation.msg_id, connection_id=connection)
        (sent,) = issuer.agent.exchanges.values()
        assert issuer.award(award).state == Offered(sent.exchange)
        assert len(issuer.agent.offers) == 1

    async def test_a_first_offer_does_not_have_the_agent_look_through_all_its_exchanges(
        self, issuer: Issuer
    ) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)

        class Busy(FakeAgent):
            async def exchanges_on(self, connection_id: str) -> Any:  # noqa: ANN401, ARG002 - as the port
                raise AssertionError("it reads every exchange it ever had")

        offer = OfferAward(issuer.records, Busy(), issuer.clock)
        await offer(invitation_msg_id=invitation.msg_id, connection_id="connection")
        assert isinstance(issuer.award(award).state, Offered)

    async def test_a_place_among_those_who_wait_is_kept_while_the_offer_is_made(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        await issuer.begin(claim_token(SECRET, award.id), code=None)
        invited = issuer.award(award)
        assert begin_offer(invited, "connection").updated_at == invited.updated_at
        with pytest.raises(AwardRefusesAction, match="nobody is invited"):
            begin_offer(award, "connection")

    async def test_the_event_and_the_timer_at_once_make_one_offer(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)
        connection = issuer.agent.connect(invitation.msg_id)

        class Slow(FakeAgent):
            async def exchanges_on(self, connection_id: str) -> Any:  # noqa: ANN401 - as the port
                found = await issuer.agent.exchanges_on(connection_id)
                await asyncio.sleep(0)  # the other one's turn, if it may
                return found

            async def offer(self, **facts: Any) -> Exchange:  # noqa: ANN401 - as the port
                return await issuer.agent.offer(**facts)

        offer = OfferAward(issuer.records, Slow(), issuer.clock)
        await asyncio.gather(
            *(offer(invitation_msg_id=invitation.msg_id, connection_id=connection) for _ in range(2))
        )
        assert len(issuer.agent.offers) == 1
        assert isinstance(issuer.award(award).state, Offered)

    async def test_an_offer_accepted_before_its_sender_noted_it_is_kept(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)
        sent = await issuer.agent.offer(
            connection_id=issuer.agent.connect(invitation.msg_id),
            credential_definition_id="definition",
            attributes={},
            comment="",
        )
        issuer.agent.move(sent.cred_ex_id, Stage.REQUESTED)
        await issuer.follow(sent.cred_ex_id)
        assert issuer.agent.abandoned == []
        assert issuer.award(award).state == Accepted(sent, issuer.agent.exchanges[sent.cred_ex_id].credential)

    async def test_a_connection_by_an_earlier_invitation_gets_no_offer(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, earlier = await issuer.begin(claim_token(SECRET, award.id), code=None)
        await issuer.begin(claim_token(SECRET, award.id), code=None)
        await issuer.offer(invitation_msg_id=earlier.msg_id, connection_id="connection")
        assert issuer.agent.offers == []

    async def test_an_offer_overtaken_by_a_new_claim_is_withdrawn(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)

        class Overtaken(FakeAgent):
            async def offer(self, **facts: Any) -> Exchange:  # noqa: ANN401 - as the port
                exchange = await issuer.agent.offer(**facts)
                await issuer.begin(claim_token(SECRET, award.id), code=None)
                return exchange

            async def abandon(self, cred_ex_id: str, reason: str) -> None:
                await issuer.agent.abandon(cred_ex_id, reason)

        offer = OfferAward(issuer.records, Overtaken(), issuer.clock)
        await offer(invitation_msg_id=invitation.msg_id, connection_id="connection")
        assert isinstance(issuer.award(award).state, Invited)
        assert len(issuer.agent.abandoned) == 1

    async def test_a_request_in_an_exchange_that_is_not_current_is_refused(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        stray = await issuer.offered(award)
        await issuer.offered(award)
        issuer.agent.move(stray.cred_ex_id, Stage.REQUESTED)
        await issuer.follow(stray.cred_ex_id)
        assert issuer.agent.exchanges[stray.cred_ex_id].credential is None
        assert issuer.agent.abandoned == [stray.cred_ex_id, stray.cred_ex_id]

    async def test_two_workers_do_not_issue_the_same_award(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        async with issuer.records.transaction() as tx:  # the other worker has just begun
            await tx.save_award(replace(issuer.award(award), state=Accepted(exchange)))
        with pytest.raises(AwardChanged, match="right now"):
            await issuer.follow(exchange.cred_ex_id)
        issuer.clock.pass_by(minutes=5)  # the other worker is dead
        await issuer.follow(exchange.cred_ex_id)
        assert issuer.award(award).state == Accepted(
            exchange, issuer.agent.exchanges[exchange.cred_ex_id].credential
        )

    async def test_a_credential_issued_before_a_crash_is_taken_over(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        credential = await issuer.agent.issue(exchange.cred_ex_id)
        await issuer.reconcile()
        assert issuer.award(award).state == Accepted(exchange, credential)

    async def test_lost_events_are_made_good_by_reconciliation(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        _, invitation = await issuer.begin(claim_token(SECRET, award.id), code=None)
        issuer.agent.connect(invitation.msg_id)
        await issuer.reconcile()
        exchange = issuer.award(award).exchange
        assert exchange is not None
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        await issuer.reconcile()
        issuer.agent.move(exchange.cred_ex_id, Stage.DONE)
        await issuer.reconcile()
        assert isinstance(issuer.award(award).state, Issued)

    async def test_what_a_wallet_does_not_answer_is_said_again_ever_more_seldom(self, issuer: Issuer) -> None:
        await issuer.reconcile()
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        await issuer.reconcile()
        assert issuer.agent.said_again == []
        issuer.clock.pass_by(minutes=0.5)
        await issuer.reconcile()
        await issuer.reconcile()
        assert issuer.agent.said_again == [exchange.cred_ex_id]
        issuer.clock.pass_by(minutes=1)
        await issuer.reconcile()
        assert issuer.agent.said_again == [exchange.cred_ex_id] * 2
        issuer.clock.pass_by(minutes=60)
        await issuer.reconcile()
        assert issuer.agent.said_again == [exchange.cred_ex_id] * 2

    async def test_one_award_that_cannot_be_reconciled_does_not_hold_up_the_others(
        self, issuer: Issuer
    ) -> None:
        awards = [await issuer.ready_with_award() for _ in range(3)]
        exchanges = [await issuer.offered(award) for award in awards]
        for each in exchanges:
            issuer.agent.move(each.cred_ex_id, Stage.REQUESTED)
        issuer.agent.move(exchanges[0].cred_ex_id, Stage.DONE)  # and yet without a credential
        issuer.agent.silent_about = {exchanges[1].cred_ex_id}
        with pytest.raises(AgentSilent, match="for 1 awards"):
            await issuer.reconcile()
        assert [issuer.award(award).state_name for award in awards] == ["offered", "offered", "accepted"]

    async def test_what_could_not_be_said_again_is_said_at_the_next_look(self, issuer: Issuer) -> None:
        exchange = await issuer.offered(await issuer.ready_with_award())
        issuer.agent.silent = True
        with pytest.raises(AgentSilent):
            await issuer.reconcile()
        issuer.agent.silent = False
        await issuer.reconcile()
        assert issuer.agent.said_again == [exchange.cred_ex_id]

    async def test_declining_leaves_the_award_to_be_claimed_again(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.move(exchange.cred_ex_id, Stage.ENDED)
        await issuer.follow(exchange.cred_ex_id)
        assert issuer.award(award).state == Declined()
        await issuer.issued(award)
        assert isinstance(issuer.award(award).state, Issued)

    async def test_an_exchange_the_agent_forgot_is_broken(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.sent(award)
        del issuer.agent.exchanges[exchange.cred_ex_id]
        await issuer.reconcile()
        assert issuer.award(award).state == Broken()

    async def test_one_award_one_credential_the_orphan_is_revoked(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        first = await issuer.sent(award)  # sent, but the wallet never says so
        orphan = issuer.agent.exchanges[first.cred_ex_id].credential
        await issuer.issued(award)
        (order,) = issuer.work(work.PUBLISH_REVOCATION)
        (revocation,) = issuer.records.kept.all_revocations.values()
        assert order == {"revocation_id": str(revocation.id)}
        assert revocation.credential == orphan

    async def test_a_credential_issued_after_the_award_moved_on_is_revoked(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)

        class Slow(FakeAgent):
            async def exchange(self, cred_ex_id: str) -> Any:  # noqa: ANN401 - as the port
                return await issuer.agent.exchange(cred_ex_id)

            async def issue(self, cred_ex_id: str) -> Any:  # noqa: ANN401 - as the port
                credential = await issuer.agent.issue(cred_ex_id)
                await issuer.revoke(ORG, award.id, "Withdrawn while it was issued.")
                return credential

        await FollowExchange(issuer.records, Slow(), new_id, issuer.clock)(exchange.cred_ex_id)
        assert issuer.award(award).state_name == "revoked"
        (revocation,) = issuer.records.kept.all_revocations.values()
        assert revocation.credential.exchange == exchange

    async def test_what_the_agent_told_is_not_asked_again(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.silent_about = {exchange.cred_ex_id}
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        await issuer.follow(exchange.cred_ex_id, told=Stage.REQUESTED)
        assert issuer.award(award).state_name == "accepted"
        issuer.agent.move(exchange.cred_ex_id, Stage.DONE)
        await issuer.follow(exchange.cred_ex_id, told=Stage.DONE)
        assert issuer.award(award).state_name == "issued"

    async def test_what_was_told_and_is_not_the_next_step_is_asked_about(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        await issuer.follow(exchange.cred_ex_id, told=Stage.DONE)
        assert issuer.award(award).state_name == "offered"
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)
        await issuer.follow(exchange.cred_ex_id, told=Stage.REQUESTED)
        issuer.agent.move(exchange.cred_ex_id, Stage.DONE)
        await issuer.follow(exchange.cred_ex_id, told=Stage.REQUESTED)
        assert issuer.award(award).state_name == "issued"

    async def test_a_told_request_of_an_exchange_that_is_gone_breaks_the_award(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        del issuer.agent.exchanges[exchange.cred_ex_id]
        with pytest.raises(AgentRefuses):
            await issuer.follow(exchange.cred_ex_id, told=Stage.REQUESTED)
        await issuer.follow(exchange.cred_ex_id, told=Stage.REQUESTED)
        assert issuer.award(award).state == Broken()

    async def test_an_agent_that_refuses_to_issue_is_asked_how_it_stands(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        exchange = await issuer.offered(award)
        issuer.agent.move(exchange.cred_ex_id, Stage.REQUESTED)

        class Refusing(FakeAgent):
            async def exchange(self, cred_ex_id: str) -> Any:  # noqa: ANN401 - as the port
                return await issuer.agent.exchange(cred_ex_id)

            async def issue(self, cred_ex_id: str) -> Any:  # noqa: ANN401 - as the port
                issuer.agent.move(cred_ex_id, Stage.ENDED)
                raise AgentRefuses("cannot issue")

        await FollowExchange(issuer.records, Refusing(), new_id, issuer.clock)(exchange.cred_ex_id)
        assert issuer.award(award).state == Broken()


class TestRevocation:
    async def test_it_is_believed_only_when_the_published_list_shows_it(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        await issuer.issued(award)
        await issuer.revoke(ORG, award.id, "A mistake.")
        (revocation,) = issuer.records.kept.all_revocations.values()
        issuer.publications.losing = True
        with pytest.raises(AgentRefuses, match="published status list does not show it"):
            await issuer.publish_revocation(revocation.id)
        assert issuer.records.kept.all_revocations[revocation.id].published_at is None

        issuer.publications.losing = False
        await issuer.publish_revocation(revocation.id)
        await issuer.publish_revocation(revocation.id)
        _, (shown,) = await issuer.look_up.award(ORG, award.id)
        assert shown.published_at == START
        assert len(issuer.agent.status_changes) == len(issuer.agent.notices) == 1

    async def test_a_lost_order_is_given_again_by_reconciliation(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        await issuer.issued(award)
        await issuer.revoke(ORG, award.id, "A mistake.")
        await issuer.reconcile()
        assert len(issuer.work(work.PUBLISH_REVOCATION)) == 2

    async def test_an_award_nobody_claimed_is_revoked_without_a_list(self, issuer: Issuer) -> None:
        award = await issuer.ready_with_award()
        await issuer.revoke(ORG, award.id, "A mistake.")
        assert issuer.records.kept.all_revocations == {}
        with pytest.raises(AwardRefusesAction):
            await issuer.revoke(ORG, award.id, "Again.")

    async def test_an_unknown_award_is_not_found(self, issuer: Issuer) -> None:
        with pytest.raises(AwardUnknown, match="There is no award"):
            await issuer.revoke(ORG, new_id(), "Why.")
        with pytest.raises(AwardUnknown, match="There is no award"):
            await issuer.supersede(ORG, new_id(), {}, reason="Why.")
        with pytest.raises(AwardUnknown, match="There is no award"):
            await issuer.look_up.award(ORG, new_id())
        with pytest.raises(AwardUnknown, match="There is no award"):
            await issuer.reissue(ORG, new_id(), LOST, beyond_limit=False)


class TestSupersede:
    async def test_a_corrected_award_takes_the_old_ones_place(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award()
        await issuer.issued(old)
        new, code = await issuer.supersede(
            ORG, old.id, {"family_name": "Wanjirũ"}, reason="A letter was wrong."
        )
        assert (new.replaces, new.state, code) == (old.id, Prepared(), None)
        assert (new.graduate.given_name, new.graduate.family_name) == ("Amina", "Wanjirũ")
        assert new.claim_digest != old.claim_digest
        assert issuer.award(old).state_name == "superseded"
        assert len(issuer.work(work.PUBLISH_REVOCATION)) == 1

    async def test_a_protected_award_gets_a_new_code(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award(code_digest="digest")
        new, code = await issuer.supersede(ORG, old.id, {}, reason="Lost her telephone.")
        assert code is not None
        assert new.code_digest == code_digest(SECRET, new.id, code)

    async def test_wrong_corrections_leave_everything_as_it_was(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award()
        with pytest.raises(AwardValuesRefused, match="not a date"):
            await issuer.supersede(ORG, old.id, {"awarded_on": "yesterday"}, reason="Why not.")
        assert issuer.award(old) == old

    async def test_an_issued_award_is_not_superseded_by_its_like(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award()
        await issuer.issued(old)
        before = issuer.award(old)
        with pytest.raises(AwardRefusesAction, match=f"POST /v1/awards/{old.id}/reissue"):
            await issuer.supersede(ORG, old.id, {"phone": "+254700000000"}, reason="Has a new number.")
        assert issuer.award(old) == before

    async def test_a_new_link_for_the_same_facts_makes_the_same_credential(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award()
        new, _ = await issuer.supersede(ORG, old.id, {"phone": "+254700000000"}, reason="Has a new number.")
        assert (new.origin, new.identity_salt) == (old.origin, old.identity_salt)


class TestReissue:
    async def test_the_old_credential_is_revoked_in_the_transaction_that_makes_the_new_award(
        self, issuer: Issuer
    ) -> None:
        old = await issuer.ready_with_award()
        exchange = await issuer.issued(old)
        new, code = await issuer.reissue(ORG, old.id, LOST, beyond_limit=False)
        assert (new.state, new.replaces, new.reissue) == (Prepared(), old.id, LOST)
        assert new.code_digest == code_digest(SECRET, new.id, code)
        (revocation,) = issuer.records.kept.all_revocations.values()
        assert (revocation.award_id, revocation.credential.exchange) == (old.id, exchange)
        assert revocation.reason == "Issued again to its learner, whose wallet was lost."
        assert issuer.work(work.PUBLISH_REVOCATION) == [{"revocation_id": str(revocation.id)}]
        assert issuer.work(work.AWARD_REISSUED) == [
            {"organisation": ORG, "award_id": str(old.id), "by": str(new.id)}
        ]

    async def test_the_new_link_wants_its_code_and_leads_to_the_same_credential(self, issuer: Issuer) -> None:
        old = await issuer.ready_with_award()
        await issuer.issued(old)
        new, code = await issuer.reissue(ORG, old.id, LOST, beyond_limit=False)
        token = claim_token(SECRET, new.id)
        with pytest.raises(ClaimCodeWrong, match="one-time code"):
            await issuer.begin(token, code=None)
        _, invitation = await issuer.begin(token, code=code)
        await issuer.offer(
            invitation_msg_id=invitation.msg_id, connection_id=issuer.agent.connect(invitation.msg_id)
        )
        first, second = issuer.agent.offers
        assert second == first
        with pytest.raises(ClaimAlreadyUsed, match="no longer given"):
            await issuer.begin(claim_token(SECRET, old.id), code=None)

    async def test_the_limit_counts_over_corrections_too_and_a_refusal_changes_nothing(
        self, issuer: Issuer
    ) -> None:
        award = await issuer.ready_with_award()
        await issuer.issued(award)
        for name in ("Aminah", "Aminata", "Amine"):
            again, code = await issuer.reissue(ORG, award.id, LOST, beyond_limit=False)
            award, _ = await issuer.supersede(ORG, again.id, {"given_name": name}, reason="Misspelt.")
            assert code
            async with issuer.records.transaction() as tx:  # claimed
                sent = SentCredential(Exchange("connection", name), "registry", name)
                await tx.save_award(replace(issuer.award(award), state=Issued(sent)))
        before = dict(issuer.records.kept.all_awards)
        with pytest.raises(ReissueLimitReached, match="3 is the most"):
            await issuer.reissue(ORG, award.id, LOST, beyond_limit=False)
        assert issuer.records.kept.all_awards == before
        beyond, _ = await issuer.reissue(ORG, award.id, LOST, beyond_limit=True)
        assert beyond.reissues == 4
