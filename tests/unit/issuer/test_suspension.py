"""An award that does not count for a while: what may be suspended, what crosses, and what a crash leaves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.domain import award as awards
from issuer.domain.award import Award, Exchange, Issued, Prepared, Revoked, SentCredential, State, Suspension
from issuer.domain.history import What
from issuer.domain.organisation import Organisation
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.domain.suspension import Status, reinstate, suspend
from issuer.entry.status_words import WORDS, say_status
from issuer.errors import AgentRefuses, AwardRefusesAction, AwardUnknown
from issuer.use_cases import work
from issuer.use_cases.publish_revocation import PublishRevocation
from issuer.use_cases.publish_status import PublishStatus
from issuer.use_cases.reinstate_award import ReinstateAward
from issuer.use_cases.revoke_award import RevokeAward
from issuer.use_cases.show_status import ShowStatus
from issuer.use_cases.suspend_award import SuspendAward
from shared.web.languages import LANGUAGES
from tests.support.issuer import (
    DID,
    ORG,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    MemoryRecords,
    batch_of,
    new_id,
    prepared_award,
    published_template,
)

SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
PLACE = (SENT.rev_reg_id, SENT.cred_rev_id)
LATER = START + timedelta(hours=1)
WHY = "We are checking your attendance."


def award_in(state: State, **changes: Any) -> Award:  # noqa: ANN401 - any field
    template = published_template()
    return prepared_award(template, batch_of(template), state=state, **changes)


class Desk:
    """The use cases over the same fakes, and one issued award."""

    def __init__(self) -> None:
        self.records, self.agent, self.clock = MemoryRecords(), FakeAgent(), FakeClock()
        self.publications = FakePublications(self.agent)
        self.suspend = SuspendAward(self.records, new_id, self.clock)
        self.reinstate = ReinstateAward(self.records, new_id, self.clock)
        self.revoke = RevokeAward(self.records, new_id, self.clock)
        show = ShowStatus(self.agent, self.publications)
        self.publish_status = PublishStatus(self.records, self.agent, show, say_status, self.clock)
        self.publish_revocation = PublishRevocation(self.records, self.agent, show, self.clock)

    async def issued(self) -> Award:
        template = published_template()
        batch = batch_of(template)
        award = prepared_award(template, batch, state=Issued(SENT))
        async with self.records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Umoja School", "KE", DID))
            await tx.add_batch(batch, [award])
        return award

    def orders(self, subject: str) -> list[dict[str, str]]:
        return [facts for told, facts in self.records.told if told == subject]

    async def work(self) -> None:
        """Everything ordered so far, in the order in which it was."""
        for subject, facts in list(self.records.told):
            if subject == work.PUBLISH_STATUS:
                await self.publish_status(_id(facts["change_id"]))
            if subject == work.PUBLISH_REVOCATION:
                await self.publish_revocation(_id(facts["revocation_id"]))


def _id(text: str) -> Any:  # noqa: ANN401 - a UUID
    return type(new_id())(text)


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestTheAward:
    def test_it_keeps_its_state_and_is_marked(self) -> None:
        suspended, change = suspend(award_in(Issued(SENT)), new_id(), WHY, LATER)
        assert suspended.state == Issued(SENT)
        assert suspended.suspension == Suspension(WHY, LATER)
        assert (change.status, change.credential, change.published_at) == (Status.SUSPENDED, SENT, None)
        again, change = reinstate(suspended, new_id(), "It was in order.", LATER)
        assert again.suspension is None
        assert change.status is Status.VALID

    @pytest.mark.parametrize("state", [Prepared(), Revoked("why", START)])
    def test_only_what_is_in_a_wallet_is_suspended(self, state: State) -> None:
        with pytest.raises(AwardRefusesAction, match="only an award whose credential is in a wallet"):
            suspend(award_in(state), new_id(), WHY, LATER)

    def test_it_is_suspended_once(self) -> None:
        suspended, _ = suspend(award_in(Issued(SENT)), new_id(), WHY, LATER)
        with pytest.raises(AwardRefusesAction, match=r"suspended already, since 2026-11-21\."):
            suspend(suspended, new_id(), WHY, LATER)

    def test_what_was_revoked_or_never_suspended_is_not_reinstated(self) -> None:
        with pytest.raises(AwardRefusesAction, match="is not suspended: it counts"):
            reinstate(award_in(Issued(SENT)), new_id(), WHY, LATER)
        with pytest.raises(AwardRefusesAction, match="is revoked, which cannot be taken back"):
            reinstate(award_in(Revoked("why", START)), new_id(), WHY, LATER)

    def test_revoking_ends_the_suspension(self) -> None:
        suspended, _ = suspend(award_in(Issued(SENT)), new_id(), WHY, LATER)
        revoked, credentials = awards.revoke(suspended, "It was not yours.", now=LATER)
        assert revoked.suspension is None
        assert credentials == (SENT,)

    def test_it_is_not_issued_again_meanwhile(self) -> None:
        suspended, _ = suspend(award_in(Issued(SENT)), new_id(), WHY, LATER)
        lost = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.DOCUMENT, "", "key:7", LATER))
        with pytest.raises(
            AwardRefusesAction, match="is suspended, and what does not count is not issued again"
        ):
            awards.issue_again(
                suspended,
                new_id(),
                claim_digest="new",
                code_digest="new",
                reissue=lost,
                beyond_limit=False,
                now=LATER,
            )


class TestPublishing:
    async def test_the_list_shows_it_and_the_learner_is_told_why_and_since_when(self, desk: Desk) -> None:
        award = await desk.issued()
        await desk.suspend(ORG, award.id, WHY)
        await desk.work()
        assert SENT.cred_rev_id in await desk.publications.listed(SENT.rev_reg_id)
        (notice,) = desk.agent.notices.values()
        assert (notice.status, notice.reason, notice.at) == (Status.SUSPENDED, WHY, START)
        assert notice.words == (
            "Umoja School: your award is suspended since 21 November 2026 and does not count until it is "
            f"reinstated. Reason: {WHY}"
        )
        assert desk.orders(work.AWARD_SUSPENDED) == [
            {"organisation": ORG, "award_id": str(award.id), "batch_id": str(award.batch_id)}
        ]

        desk.clock.pass_by(hours=1)
        await desk.reinstate(ORG, award.id, "It was in order.")
        await desk.work()
        assert SENT.cred_rev_id not in await desk.publications.listed(SENT.rev_reg_id)
        assert [notice.status for notice in desk.agent.notices.values()] == [Status.SUSPENDED, Status.VALID]
        async with desk.records.reading() as tx:
            events = await tx.events_of(ORG, award.id)
        assert [(event.what, event.reason) for event in events][-2:] == [
            (What.SUSPENDED, WHY),
            (What.REINSTATED, "It was in order."),
        ]

    async def test_work_done_twice_changes_and_tells_nothing_twice(self, desk: Desk) -> None:
        award = await desk.issued()
        await desk.suspend(ORG, award.id, WHY)
        await desk.work()
        await desk.work()
        assert desk.agent.status_changes == [(PLACE, Status.SUSPENDED)]
        assert len(desk.agent.notices) == 1

    async def test_it_is_believed_only_when_the_published_list_shows_it(self, desk: Desk) -> None:
        award = await desk.issued()
        await desk.suspend(ORG, award.id, WHY)
        desk.publications.losing = True
        with pytest.raises(AgentRefuses, match="made the credential suspended but the published status list"):
            await desk.work()
        assert not desk.agent.notices, "she is told when it is so"
        async with desk.records.reading() as tx:
            (unpublished,) = await tx.unpublished_status_changes()
        desk.publications.losing = False
        await desk.publish_status(unpublished.id)
        async with desk.records.reading() as tx:
            assert not await tx.unpublished_status_changes()

    async def test_an_order_that_was_overtaken_does_nothing(self, desk: Desk) -> None:
        award = await desk.issued()
        await desk.suspend(ORG, award.id, WHY)
        await desk.reinstate(ORG, award.id, "A mistake.")
        await desk.work()
        assert desk.agent.status_changes == []
        assert [notice.status for notice in desk.agent.notices.values()] == [Status.VALID]

    @pytest.mark.parametrize("published_before", [True, False])
    async def test_a_revocation_overrides_whatever_else_was_ordered(
        self, desk: Desk, published_before: bool
    ) -> None:
        award = await desk.issued()
        await desk.suspend(ORG, award.id, WHY)
        if published_before:
            await desk.work()
        await desk.reinstate(ORG, award.id, "A mistake.")
        await desk.revoke(ORG, award.id, "It was not yours.")
        await desk.work()
        await desk.work()
        assert desk.agent.statuses == {PLACE: Status.REVOKED}
        assert SENT.cred_rev_id in await desk.publications.listed(SENT.rev_reg_id)
        assert list(desk.agent.notices.values())[-1].reason == "It was not yours."
        async with desk.records.reading() as tx:
            assert await tx.status_changes_of([award.id]) == {}

    async def test_an_award_that_is_not_there_is_not_found(self, desk: Desk) -> None:
        for change in (desk.suspend, desk.reinstate):
            with pytest.raises(AwardUnknown, match="There is no award"):
                await change(ORG, new_id(), WHY)
            award = replace(await desk.issued(), organisation=ORG)
            with pytest.raises(AwardUnknown, match="There is no award"):
                await change("another", award.id, WHY)


def test_there_are_words_in_every_language_of_learners() -> None:
    assert WORDS.keys() == LANGUAGES.keys()
    for language in LANGUAGES:
        for status in (Status.SUSPENDED, Status.VALID):
            said = say_status(status, language=language, organisation="Umoja", reason=WHY, at=START)
            assert "Umoja" in said
            assert said.endswith(WHY)
    assert say_status(Status.VALID, language="zz", organisation="U", reason="R", at=START).startswith(
        "U: your"
    )
