"""Many revocations of one status list are published together; what crosses, what is refused and what a crash leaves."""

import pytest

from issuer.domain.award import Exchange, SentCredential
from issuer.domain.revocation import Revocation
from issuer.domain.suspension import Status, StatusChange
from issuer.errors import AgentRefuses, AgentSilent
from issuer.use_cases.publish_revocation import MOST_AT_ONCE, PublishRevocation
from issuer.use_cases.show_status import ShowStatus
from tests.support.issuer import (
    ORG,
    START,
    FakeAgent,
    FakeClock,
    FakePublications,
    MemoryRecords,
    new_id,
)


class Killed(Exception):
    """The process ended here."""


class Desk:
    """Revocations that wait, and what carries them out."""

    def __init__(self) -> None:
        self.records, self.agent, self.clock = MemoryRecords(), FakeAgent(), FakeClock()
        self.show = ShowStatus(self.agent, FakePublications(self.agent))
        self.publish = PublishRevocation(self.records, self.agent, self.show, self.clock)

    async def ordered(self, count: int, registry: str = "registry") -> list[Revocation]:
        made = []
        for number in range(1, count + 1):
            sent = SentCredential(Exchange(f"c{number}", f"x{number}"), registry, str(number))
            made.append(Revocation(new_id(), ORG, new_id(), sent, f"Reason {number}.", START))
        async with self.records.transaction() as tx:
            for one in made:
                await tx.save_revocation(one)
        return made

    async def unpublished(self) -> set[str]:
        async with self.records.reading() as tx:
            return {each.credential.cred_rev_id for each in await tx.unpublished_revocations()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_fifty_orders_make_one_publication_and_each_learner_reads_her_own_reason(desk: Desk) -> None:
    orders = await desk.ordered(50)
    for one in [*orders, *orders]:
        await desk.publish(one.id)
    assert desk.agent.republished == ["registry"]
    assert await desk.unpublished() == set()
    assert len(desk.agent.status_changes) == 50
    assert sorted(desk.agent.told) == sorted(one.id for one in orders), "each once"
    assert {each.reason for each in desk.agent.notices.values()} == {one.reason for one in orders}


async def test_a_round_is_bounded_and_has_what_it_was_called_for(desk: Desk) -> None:
    orders = await desk.ordered(MOST_AT_ONCE + 20)
    await desk.publish(orders[-1].id)
    left = await desk.unpublished()
    assert len(left) == 20
    assert orders[-1].credential.cred_rev_id not in left
    for one in orders:
        await desk.publish(one.id)
    assert await desk.unpublished() == set()
    assert len(desk.agent.republished) == 2


async def test_each_status_list_is_published_for_itself(desk: Desk) -> None:
    orders = [*await desk.ordered(5, "one"), *await desk.ordered(5, "two")]
    for one in orders:
        await desk.publish(one.id)
    assert desk.agent.republished == ["one", "two"]


@pytest.mark.parametrize("told_before", [0, 3])
async def test_after_a_kill_it_goes_on_and_tells_again_only_whom_it_cannot_know_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, told_before: int
) -> None:
    orders = await desk.ordered(8)
    tell = desk.agent.tell_status

    async def dies(credential: SentCredential, notice: object) -> None:
        if len(desk.agent.told) == told_before:
            raise Killed
        await tell(credential, notice)  # type: ignore[arg-type] # a notice

    monkeypatch.setattr(desk.agent, "tell_status", dies)
    with pytest.raises(Killed):
        await desk.publish(orders[0].id)
    assert len(await desk.unpublished()) == 8 - told_before
    monkeypatch.undo()
    for one in orders:
        await desk.publish(one.id)
    assert sorted(desk.agent.told) == sorted(one.id for one in orders)
    assert desk.agent.republished == ["registry"], "it shows already"


async def test_what_is_refused_of_one_holds_up_no_other_and_is_said_where_it_belongs(desk: Desk) -> None:
    orders = await desk.ordered(6)
    desk.agent.unknown, desk.agent.unreachable = {"2"}, {"c3"}
    await desk.publish(orders[0].id)
    assert await desk.unpublished() == {"2", "3"}
    with pytest.raises(AgentRefuses, match=r"does not revoke this credential: No credential of ours"):
        await desk.publish(orders[1].id)
    with pytest.raises(AgentRefuses, match="no usable target"):
        await desk.publish(orders[2].id)


async def test_an_agent_that_is_away_leaves_all_of_them_to_be_tried_again(desk: Desk) -> None:
    orders = await desk.ordered(3)
    desk.agent.silent = True
    with pytest.raises(AgentSilent):
        await desk.publish(orders[0].id)
    assert len(await desk.unpublished()) == 3


async def test_a_reinstatement_in_flight_takes_no_revocation_back(desk: Desk) -> None:
    """It was read before the revocation was ordered, and reaches the agent after it."""
    (order, other) = await desk.ordered(2)
    await desk.publish(order.id)
    late = StatusChange(
        new_id(),
        ORG,
        order.award_id,
        order.credential,
        suspended=False,
        reason="A mistake.",
        requested_at=START,
    )
    refused = await desk.show("registry", [late.credential.cred_rev_id], late.status)
    assert "final" in refused["1"]
    assert desk.agent.statuses == {("registry", "1"): Status.REVOKED, ("registry", "2"): Status.REVOKED}
    assert other.credential.cred_rev_id not in await desk.unpublished()
