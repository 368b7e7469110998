"""Officers who issue the same award again at the same time, on real databases."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

from issuer.adapters.sql_records import SqlRecords
from issuer.domain.award import Award, Exchange, Issued, SentCredential
from issuer.domain.reissue import CheckMethod, IdentityCheck, Loss, Reissue
from issuer.errors import AwardChanged, AwardRefusesAction
from issuer.main import MIGRATIONS
from issuer.use_cases.reissue_award import ReissueAward
from shared.adapters.sql import Database
from shared.adapters.sql_outbox import Outbox
from tests.support.databases import migrated
from tests.support.issuer import (
    ORG,
    SECRET,
    START,
    FakeClock,
    batch_of,
    new_id,
    prepared_award,
    published_template,
)

OFFICERS = 8
SENT = SentCredential(Exchange("connection", "exchange"), "registry", "7")
LOST = Reissue(Loss.PHONE, "", IdentityCheck(CheckMethod.DOCUMENT, "", "key:7", START))


async def test_officers_at_once_make_one_new_award_and_one_revocation(database_url: str) -> None:
    async with migrated(database_url, MIGRATIONS) as db, AsyncExitStack() as others:
        records = SqlRecords(db, Outbox(db))
        template = published_template()
        batch = batch_of(template)
        old = prepared_award(template, batch, state=Issued(SENT))
        async with records.transaction() as tx:
            await tx.save_template(template)
            await tx.add_batch(batch, [old])

        async def officer() -> str:
            own = await others.enter_async_context(Database(database_url))  # as if in another process
            reissue = ReissueAward(SqlRecords(own, Outbox(own)), new_id, FakeClock(), SECRET)
            try:
                await reissue(ORG, old.id, LOST, beyond_limit=False)
            except (AwardChanged, AwardRefusesAction):
                return "refused"
            return "done"

        assert Counter(await asyncio.gather(*(officer() for _ in range(OFFICERS)))) == {
            "done": 1,
            "refused": OFFICERS - 1,
        }
        async with records.reading() as tx:
            awards: list[Award] = list(await tx.awards(ORG, batch_id=batch.id, after=None, limit=OFFICERS))
            revocations = await tx.revocations_of(ORG, old.id)
        (new,) = [award for award in awards if award.replaces == old.id]
        assert len(awards) == 2
        assert [award.state_name for award in awards if award.id == old.id] == ["superseded"]
        assert new.reissue == LOST
        assert [revocation.credential for revocation in revocations] == [SENT]
