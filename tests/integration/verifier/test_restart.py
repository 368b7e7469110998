"""An answer that waits for a host is kept in the database, and the verifier that starts next judges it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.adapters.sql import Database, upgrade
from shared.adapters.sql_outbox import Outbox
from tests.integration.verifier.conftest import Desk, World, requirement
from tests.integration.verifier.test_answers import answer
from verifier.adapters.sql_requests import SqlRequests
from verifier.domain.request import Answered, Judged
from verifier.domain.verdict import Result
from verifier.main import MIGRATIONS


@asynccontextmanager
async def started(desk: Desk, url: str) -> AsyncIterator[Desk]:
    """A verifier that knows what is in its database and nothing else; world, time and the agent's records go on."""
    async with Database(url) as db:
        requests: Any = SqlRequests(db, Outbox(db), key=bytes(32))
        found = Desk(desk.world, desk.clock, desk.trust, requests=requests, signer=desk.signer)
        found.agent.records = desk.agent.records
        yield found


async def test_an_answer_that_waits_for_a_host_is_judged_by_the_verifier_that_starts_next(
    world: World, desk: Desk, database_url: str
) -> None:
    await upgrade(database_url, MIGRATIONS)
    async with started(desk, database_url) as before:
        exchange = await before.asked(requirement())
        presentation = answer(before, exchange, world.credential(), world)
        world.web.away.add("issuer.ujuzi.test")
        try:
            await before.waits(exchange, presentation, because="does not answer")
        finally:
            world.web.away.clear()

    async with started(desk, database_url) as after:
        assert isinstance(await after.stored(exchange), Answered)
        after.clock.forward(seconds=30)
        await after.tidy_up()
        judged = await after.stored(exchange)

    assert isinstance(judged, Judged)
    assert judged.verdict.result is Result.ACCEPTED
    assert after.agent.closed == {exchange: True}
