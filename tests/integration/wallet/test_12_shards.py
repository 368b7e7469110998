"""Wallets spread over two agents, each with a shard of the stores."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.contracts.streams import MAIN_SHARD
from tests.support.wait import until
from tests.support.wallet import World, connected, invitation
from tests.support.wallet_shards import FURTHER, Installation, two_shards

SECONDS = 40


@pytest.fixture(scope="module")
async def spread(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    async with two_shards(world, tmp_path_factory.mktemp("shards")) as started:
        yield started


async def test_new_wallets_are_spread_and_each_does_all_a_wallet_does(spread: Installation) -> None:
    learners = [await spread.world.new_learner() for _ in range(4)]

    found = await spread.shards()
    assert {name: one["wallets"] for name, one in found.items()} == {MAIN_SHARD: 2, FURTHER: 2}
    assert all(one["answers"] for one in found.values())

    for learner, name in zip(learners[:2], ("Amina", "Baraka"), strict=True):
        await spread.world.give(learner, spread.world.award(name))
        await learner.lock()
        await learner.unlock(spread.world.passphrase)
        assert len(await learner.credentials()) == 1
        brought = await spread.world.new_learner()
        await brought.import_archive(await learner.export(), spread.world.passphrase)
        assert len(await brought.credentials()) == 1


async def test_what_comes_for_a_locked_wallet_waits_in_its_shard(spread: Installation) -> None:
    for shard in (MAIN_SHARD, FURTHER):
        learner = await spread.learner_in(shard)
        link = await invitation(spread.world.issuer, "ujuzi.claim-award")
        await learner.open_link(link.url)
        connection = await connected(spread.world.issuer, link.id)
        await learner.lock()
        await spread.world.send_offer(connection, spread.world.award("Chipo"))

        async def one_waits() -> bool:
            return bool((await learner.state())["waiting"] == 1)  # noqa: B023  awaited in this round

        await until(one_waits, SECONDS, "the offer waits")
        await learner.unlock(spread.world.passphrase)
        await learner.offer(SECONDS)


async def test_a_shard_that_is_away_keeps_nobody_elsewhere_from_their_wallets(spread: Installation) -> None:
    away, there = await spread.learner_in(FURTHER), await spread.learner_in(MAIN_SHARD)
    link = await invitation(spread.world.issuer, "ujuzi.claim-award")
    await away.open_link(link.url)
    connection = await connected(spread.world.issuer, link.id)
    await away.lock()
    agent = spread.agents[FURTHER]
    agent.kill()
    try:
        offering = asyncio.create_task(spread.world.send_offer(connection, spread.world.award("Dalila")))
        refused = await spread.world.client.get(f"{spread.world.url}/v1/wallets/{away.wallet_id}")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert int(refused.headers["retry-after"]) > 0
        assert (await spread.world.client.get(f"{spread.world.url}/ready")).is_success

        await spread.world.give(there, spread.world.award("Eshe"))
        made = [await spread.learner_in(MAIN_SHARD) for _ in range(2)]
        assert all(learner.wallet_id for learner in made)
        shards = await spread.shards()
        assert [shards[name]["answers"] for name in (MAIN_SHARD, FURTHER)] == [True, False]
    finally:
        agent.spawn()
    await agent.ready()

    await offering
    await away.unlock(spread.world.passphrase)
    await away.offer(SECONDS)
