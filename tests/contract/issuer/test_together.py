"""A claim begun together at the office, over SQLite and PostgreSQL; the agent is a fake."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Invited, Issued, SentCredential
from issuer.domain.claim import code_digest
from issuer.domain.history import What
from issuer.domain.organisation import Definition, Organisation
from issuer.domain.reissue import CheckMethod, IdentityCheck
from issuer.errors import AwardUnknown, ClaimAlreadyUsed, OrganisationSuspended
from issuer.main import MIGRATIONS
from issuer.use_cases.begin_claim import BeginClaim
from issuer.use_cases.claim_together import ClaimTogether
from shared.adapters.sql_outbox import Outbox
from tests.support.databases import migrated
from tests.support.issuer import (
    DID,
    ORG,
    SECRET,
    FakeAgent,
    FakeClock,
    batch_of,
    prepared_award,
    published_template,
)

SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")


@dataclass
class World:
    """An award behind a code, of an organisation that can issue."""

    records: SqlRecords
    award: Award
    clock: FakeClock
    claim: ClaimTogether

    def check(self, method: CheckMethod = CheckMethod.DOCUMENT, note: str = "") -> IdentityCheck:
        return IdentityCheck(method, note, "member:1", self.clock())


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with migrated(database_url, MIGRATIONS) as db:
        records, clock = SqlRecords(db, Outbox(db)), FakeClock()
        template = published_template()
        batch = batch_of(template)
        award = prepared_award(template, batch)
        award = replace(award, code_digest=code_digest(SECRET, award.id, "ABCDEFGH"))
        async with records.transaction() as tx:
            await tx.add_organisation(Organisation(ORG, "Umoja Skills Trust", "KE", DID))
            await tx.save_definition(Definition(ORG, "1.0", "revocable", "schema", "definition"))
            await tx.save_template(template)
            await tx.add_batch(batch, [award])
        begin = BeginClaim(records, FakeAgent(), clock, SECRET)
        yield World(records, award, clock, ClaimTogether(begin))


async def test_the_identity_check_stands_for_the_code_and_is_in_the_history(world: World) -> None:
    first = await world.claim(ORG, world.award.id, world.check())
    second = await world.claim(ORG, world.award.id, world.check(CheckMethod.OTHER, "Her teacher is here."))

    assert first.url != second.url
    async with world.records.reading() as tx:
        award = await tx.award(ORG, world.award.id)
        events = await tx.events_of(ORG, world.award.id)
    assert award is not None
    assert award.state == Invited(second.msg_id)
    assert [event.reason for event in events if event.what is What.ASSISTED] == [
        "document",
        "other: Her teacher is here.",
    ]


async def test_what_is_in_a_wallet_is_not_claimed_again(world: World) -> None:
    async with world.records.transaction() as tx:
        await tx.save_award(replace(world.award, state=Issued(SENT)))

    with pytest.raises(ClaimAlreadyUsed, match="claimed already"):
        await world.claim(ORG, world.award.id, world.check())

    async with world.records.reading() as tx:
        events = await tx.events_of(ORG, world.award.id)
    assert What.ASSISTED not in {event.what for event in events}


async def test_only_for_the_organisations_own_and_while_it_gives_awards(world: World) -> None:
    with pytest.raises(AwardUnknown):
        await world.claim("elimu", world.award.id, world.check())
    async with world.records.transaction() as tx:
        organisation = await tx.organisation(ORG)
        assert organisation is not None
        await tx.save_organisation(replace(organisation, suspended_at=world.clock()))
    with pytest.raises(OrganisationSuspended):
        await world.claim(ORG, world.award.id, world.check())
