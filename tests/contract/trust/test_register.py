"""`KeepRegister` on SQLite and PostgreSQL; its migrations make the tables it uses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from services.trust_registry.adapters.sql_register import SqlRegister
from services.trust_registry.adapters.sql_tables import RegistryTable
from services.trust_registry.domain.edits import (
    Changing,
    Edit,
    FourEyesSet,
    Granting,
    Registering,
    StatusChange,
    ValiditySet,
)
from services.trust_registry.domain.issuing import Issue
from services.trust_registry.domain.proposal import Proposal
from services.trust_registry.domain.register import Entity, Grant, HistoryEntry
from services.trust_registry.errors import (
    AuthorizationUnknown,
    ChangedMeanwhile,
    DidTaken,
    EntityUnknown,
    ProposalUnknown,
)
from services.trust_registry.main import MIGRATIONS
from services.trust_registry.ports import ChangeRegister
from shared.adapters.sql import Database
from shared.vc.trust_list import Authorization, DidPeriod, Level, StatusPeriod
from tests.support.databases import migrated
from tests.support.migrations import assert_migrations_match

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENTITY = Entity(
    id="e1",
    names={"en": "Trust", "sw": "Amana"},
    country="KE",
    dids=("did:webvh:b:host", "did:webvh:a:host"),
    external_ids=("https://ror.test/1",),
    did_periods={"did:webvh:b:host": DidPeriod(since=date(2025, 1, 1), until=date(2026, 1, 1))},
)
GRANTED = StatusPeriod(status="granted", since=NOW - timedelta(days=9))
AUTHORIZATION = Authorization(
    id="a1",
    action="issue",
    dids=("did:webvh:a:host",),
    resources=("http://skill.test/*", "isced-f:061"),
    jurisdictions=("KE", "UG"),
    highest_level=Level(framework="eqf", level=5),
    valid_from=date(2025, 1, 1),
    valid_to=date(2027, 1, 1),
    evidence_url="https://authority.test/decision",
    evidence_digest="zD",
    delegated_by="did:webvh:root:host",
    periods=(GRANTED,),
)


def entry(number: int, entity_id: str = "e1") -> HistoryEntry:
    return HistoryEntry(
        id=f"h{number:03}",
        at=NOW,
        actor="officer",
        what="a.change.v1",
        entity_id=entity_id,
        facts={"n": number},
    )


def issue(number: int) -> Issue:
    return Issue(
        number=number,
        revision=number,
        issued=NOW,
        next_update=NOW + timedelta(days=1),
        digest=f"z{number}",
        compact="a.b.c",
        renew=number % 2 == 0,
    )


@pytest.fixture
async def register(database_url: str) -> AsyncIterator[SqlRegister]:
    async with migrated(database_url, MIGRATIONS) as db:
        kept = SqlRegister(db, name="demo", validity=timedelta(hours=24))
        await kept.start()
        yield kept


async def change[T](register: SqlRegister, do: Callable[[ChangeRegister], Awaitable[T]]) -> T:
    """In a transaction of its own."""
    async with register.changing() as made:
        return await do(made)


async def test_the_migrations_make_exactly_these_tables(database_url: str) -> None:
    await assert_migrations_match(database_url, MIGRATIONS, RegistryTable.metadata)


async def test_a_fresh_register_is_empty(register: SqlRegister) -> None:
    await register.start()
    whole = await register.whole()

    assert (whole.revision, whole.validity, whole.newest) == (0, timedelta(hours=24), None)
    assert list(whole.entities) == []


async def test_what_was_put_in_comes_back_whole(register: SqlRegister) -> None:
    await change(register, lambda made: made.add_entity(ENTITY, entry(1)))
    await change(register, lambda made: made.add_authorization("e1", AUTHORIZATION, entry(2)))

    expected = replace(ENTITY, authorizations=(AUTHORIZATION,))
    assert await register.entity("e1") == expected
    assert await register.authorization("a1") == (expected, AUTHORIZATION)
    whole = await register.whole()
    assert (whole.revision, list(whole.entities)) == (2, [expected])


async def test_periods_are_appended_once(register: SqlRegister) -> None:
    await change(register, lambda made: made.add_entity(ENTITY, entry(1)))
    await change(register, lambda made: made.add_authorization("e1", AUTHORIZATION, entry(2)))
    lapsed = StatusPeriod(status="lapsed", since=NOW, reason="term over")
    withdrawn = StatusPeriod(status="withdrawn", since=NOW, reason="fraud", earlier_awards_stand=False)

    await change(register, lambda made: made.add_period(AUTHORIZATION, lapsed, entry(3)))
    with pytest.raises(ChangedMeanwhile, match="changed at the same time"):
        await change(register, lambda made: made.add_period(AUTHORIZATION, withdrawn, entry(4)))

    _, found = await register.authorization("a1")
    assert found.periods == (GRANTED, lapsed)
    assert [noted.id for noted in await register.history(after=None, limit=9, entity_id=None)] == [
        "h001",
        "h002",
        "h003",
    ]
    assert (await register.whole()).revision == 3


async def test_a_did_belongs_to_one_organisation(register: SqlRegister) -> None:
    await change(register, lambda made: made.add_entity(ENTITY, entry(1)))
    impostor = Entity(id="e2", names={"en": "Impostor"}, country="KE", dids=("did:webvh:a:host",))

    with pytest.raises(DidTaken, match="did:webvh:a:host already stands for an organisation"):
        await change(register, lambda made: made.add_entity(impostor, entry(2, "e2")))

    assert [found.id for found in await register.entities(after=None, limit=9)] == ["e1"]
    assert (await register.whole()).revision == 1


async def test_an_organisation_is_replaced(register: SqlRegister) -> None:
    await change(register, lambda made: made.add_entity(ENTITY, entry(1)))
    changed = replace(
        ENTITY,
        names={"en": "New"},
        dids=("did:webvh:c:host", "did:webvh:a:host"),
        external_ids=(),
        did_periods={},
    )

    await change(register, lambda made: made.replace_entity(changed, entry(2)))

    assert await register.entity("e1") == changed


async def test_a_transaction_sees_what_it_changed_and_forgets_it_all_on_a_refusal(
    register: SqlRegister,
) -> None:
    other = Entity(id="e2", names={"en": "Other"}, country="UG", dids=("did:webvh:c:host",))

    async def put_in(made: ChangeRegister) -> None:
        await made.add_entity(ENTITY, entry(1))
        await made.add_entity(other, entry(2, "e2"))
        await made.add_authorization("e1", AUTHORIZATION, entry(3))
        await made.replace_entity(replace(ENTITY, country="TZ"), entry(4))
        found = await made.entities_named(["e2", "e1"])
        assert list(found) == [other, replace(ENTITY, country="TZ", authorizations=(AUTHORIZATION,))]
        assert list((await made.whole()).entities) == [found[1], other]

    await change(register, put_in)
    assert (await register.whole()).revision == 4
    assert [found.id for found in await register.entities_named(["e2", "e1"])] == ["e2", "e1"]

    async def take_over(made: ChangeRegister) -> None:
        await made.replace_entity(replace(other, names={"en": "Unseen"}), entry(5, "e2"))
        await made.add_entity(replace(other, id="e3"), entry(6, "e3"))
        await made.flush()

    with pytest.raises(DidTaken, match="did:webvh:c:host already stands"):
        await change(register, take_over)
    assert await register.entity("e2") == other
    with pytest.raises(EntityUnknown, match="there is no organisation 'e3' here"):
        await register.entities_named(["e1", "e3"])


async def test_many_organisations_are_written_in_few_statements(register: SqlRegister) -> None:
    entities = [
        Entity(id=f"e{n:04}", names={"en": "X"}, country="KE", dids=(f"did:a:{n}",)) for n in range(1200)
    ]
    statements: list[str] = []
    database = register._database.engine.sync_engine
    event.listen(database, "before_cursor_execute", lambda *given: statements.append(given[2]))

    async def put_in(made: ChangeRegister) -> None:
        for number, entity in enumerate(entities):
            await made.add_entity(entity, entry(number, entity.id))
            await made.add_authorization(
                entity.id, replace(AUTHORIZATION, id=f"a{number:04}"), entry(5000 + number, entity.id)
            )

    await change(register, put_in)
    assert len(statements) < 60
    assert len((await register.whole()).entities) == 1200
    assert (await register.whole()).revision == 2400


async def test_what_is_unknown_is_said_so(register: SqlRegister) -> None:
    with pytest.raises(EntityUnknown, match="there is no organisation 'x' here"):
        await register.entity("x")
    with pytest.raises(EntityUnknown, match="there is no organisation 'x' here"):
        await change(register, lambda made: made.replace_entity(replace(ENTITY, id="x"), entry(1)))
    with pytest.raises(AuthorizationUnknown, match="there is no authorization 'x' here"):
        await register.authorization("x")


async def test_organisations_and_history_come_in_pages(register: SqlRegister) -> None:
    for number in range(3):
        entity = Entity(id=f"e{number}", names={"en": "N"}, country="KE", dids=(f"did:webvh:{number}:host",))
        async with register.changing() as made:
            await made.add_entity(entity, entry(number, f"e{number}"))

    assert [found.id for found in await register.entities(after="e0", limit=1)] == ["e1"]
    assert [found.id for found in await register.history(after="h000", limit=9, entity_id=None)] == [
        "h001",
        "h002",
    ]
    [only] = await register.history(after=None, limit=9, entity_id="e2")
    assert only == entry(2, "e2")


async def test_every_list_is_kept_under_its_number_and_a_number_once(register: SqlRegister) -> None:
    assert await register.issue() is None
    assert await change(register, lambda made: made.keep_issue(issue(1)))
    assert await change(register, lambda made: made.keep_issue(issue(2)))
    assert not await change(register, lambda made: made.keep_issue(replace(issue(2), compact="x.y.z")))

    assert await register.issue() == issue(2)
    assert await register.issue(1) == issue(1)
    assert await register.issue(3) is None
    assert (await register.whole()).newest == issue(2)


async def test_two_issuers_of_one_number_do_not_both_succeed(register: SqlRegister) -> None:
    kept = await asyncio.gather(*(change(register, lambda made: made.keep_issue(issue(1))) for _ in range(5)))

    assert sorted(kept) == [False, False, False, False, True]


async def test_the_validity_is_kept(register: SqlRegister) -> None:
    await change(register, lambda made: made.set_validity(timedelta(hours=2), entry(1)))
    await register.start()

    assert (await register.whole()).validity == timedelta(hours=2)


async def test_a_transaction_sees_its_own_changes_and_leaves_nothing_when_it_fails(
    register: SqlRegister,
) -> None:
    await change(register, lambda made: made.add_entity(ENTITY, entry(1)))
    renamed = replace(
        ENTITY, names={"en": "New"}, dids=("did:webvh:c:host", "did:webvh:a:host"), did_periods={}
    )

    async def half() -> None:
        async with register.changing() as made:
            assert await made.entity("e1") == ENTITY
            await made.replace_entity(renamed, entry(2))
            await made.add_authorization("e1", AUTHORIZATION, entry(3))
            await made.set_validity(timedelta(hours=2), entry(4))
            whole = await made.whole()
            assert (whole.revision, whole.validity) == (4, timedelta(hours=2))
            assert list(whole.entities) == [replace(renamed, authorizations=(AUTHORIZATION,))]
            assert await made.authorization("a1") == (whole.entities[0], AUTHORIZATION)
            assert await made.keep_issue(issue(1))
            raise Interrupted

    with pytest.raises(Interrupted):
        await half()

    whole = await register.whole()
    assert (whole.revision, whole.validity, whole.newest) == (1, timedelta(hours=24), None)
    assert list(whole.entities) == [ENTITY]
    assert [noted.id for noted in await register.history(after=None, limit=9, entity_id=None)] == ["h001"]


async def test_changes_of_several_processes_wait_for_one_another(
    register: SqlRegister, database_url: str
) -> None:
    async def one(number: int) -> None:
        async with (
            Database(database_url) as own,
            SqlRegister(own, name="demo", validity=timedelta(hours=24)).changing() as made,
        ):
            newest = (await made.whole()).newest
            await made.set_validity(timedelta(hours=number), entry(number))
            assert await made.keep_issue(issue(newest.number + 1 if newest else 1))

    await asyncio.gather(*(one(number) for number in range(1, 9)))

    whole = await register.whole()
    assert whole.newest is not None
    assert (whole.revision, whole.newest.number) == (8, 8)


EDITS: tuple[Edit, ...] = (
    Registering(entity=replace(ENTITY, authorizations=())),
    Changing(entity=ENTITY),
    Granting(
        entity_id="e1",
        authorization_id="a1",
        grant=Grant(
            action="verify",
            resources=("*",),
            valid_from=date(2025, 1, 1),
            highest_level=Level(framework="eqf", level=4),
        ),
    ),
    StatusChange(
        authorization_id="a1", change="withdraw", reason="r", effective_at=NOW, earlier_awards_stand=False
    ),
    ValiditySet(hours=1.5),
    FourEyesSet(four_eyes=False),
)


async def test_a_proposal_comes_back_whole_and_leaves_the_register_as_it_is(register: SqlRegister) -> None:
    proposal = Proposal(
        id="p1", edits=EDITS, reason="r", proposed_by="key:1", proposed_at=NOW, standing={"e1": "z"}
    )
    await change(register, lambda made: made.add_proposal(proposal))
    await change(register, lambda made: made.add_proposal(replace(proposal, id="p2")))

    assert await register.proposal("p1") == proposal
    assert [found.id for found in await register.proposals(after="p1", limit=9, state="open")] == ["p2"]
    with pytest.raises(ProposalUnknown, match="there is no proposal 'x' here"):
        await register.proposal("x")
    decided = replace(
        proposal, state="rejected", decided_by="key:2", decided_at=NOW, decision_reason="not now"
    )
    await change(register, lambda made: made.keep_decision(decided))
    assert await register.proposal("p1") == decided
    assert [found.id for found in await register.proposals(after=None, limit=9, state="open")] == ["p2"]
    assert (await register.whole()).revision == 0


async def test_the_rule_of_two_is_kept(register: SqlRegister) -> None:
    assert (await register.rules()).four_eyes is False
    await change(register, lambda made: made.set_four_eyes(True, entry(1)))  # noqa: FBT003 - what is set

    assert (await register.rules()).four_eyes is True
    assert (await register.whole()).four_eyes is True


async def test_lists_come_by_number_without_their_text(register: SqlRegister) -> None:
    for number in (1, 2, 3):
        following = replace(issue(number), previous=f"z{number - 1}")
        await change(register, lambda made, kept=following: made.keep_issue(kept))  # type: ignore[misc]

    found = await register.issues(after=1, limit=1)

    assert [(each.number, each.previous, each.compact) for each in found] == [(2, "z1", "")]


class Interrupted(Exception):
    """Something went wrong half-way."""
