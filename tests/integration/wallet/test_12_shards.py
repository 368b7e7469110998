"""Wallets spread over two agents, each with a shard of the stores, and two services that learners meet in turn."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.contracts.streams import MAIN_SHARD
from tests.support.postgres import fresh_database
from tests.support.wait import until
from tests.support.wallet import World, connected, invitation
from tests.support.wallet_shards import FURTHER, Installation, two_shards

SECONDS = 40


@pytest.fixture(scope="module")
async def spread(
    world: World, tmp_path_factory: pytest.TempPathFactory, postgres_cluster: str
) -> AsyncIterator[Installation]:
    database = await fresh_database(postgres_cluster)
    async with two_shards(world, tmp_path_factory.mktemp("shards"), database) as started:
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


async def test_what_one_replica_does_the_other_knows_at_once(spread: Installation) -> None:
    client, (here, there) = httpx.AsyncClient(timeout=SECONDS), spread.replicas
    learner = await spread.world.new_learner()
    hers = learner._opened()._headers
    heard: list[str] = []

    async def follow() -> None:
        async with client.stream("GET", f"{there}/v1/events", headers=hers) as stream:
            async for line in stream.aiter_lines():
                heard.append(line)  # noqa: PERF401  heard one by one

    async with client:
        following = asyncio.create_task(follow())
        await until(lambda: heard, SECONDS, "she follows one replica")
        await spread.world.give(learner, spread.world.award("Folami"))
        await until(lambda: "event: credential" in heard, SECONDS, "she hears of her credential")

        assert (await client.post(f"{here}/v1/lock", headers=hers)).is_success
        for replica in spread.replicas:
            answer = await client.get(f"{replica}/v1/credentials", headers=hers)
            assert answer.status_code == httpx.codes.LOCKED
        await asyncio.wait_for(following, SECONDS)
        assert "event: locked" in heard


async def test_of_two_replicas_asked_at_once_one_accepts_the_offer(spread: Installation) -> None:
    learner = await spread.world.new_learner()
    offer, exchange_id = await spread.world.offer(learner, spread.world.award("Gakere"))

    await asyncio.gather(*(learner.accept(offer["id"]) for _ in range(4)))
    await spread.world.issue(exchange_id)
    await learner.credential(SECONDS)

    assert [entry["kind"] for entry in await learner.history()] == ["credential_stored", "offer_accepted"]


async def test_a_standby_takes_a_shard_over_in_the_middle_of_a_claim(spread: Installation) -> None:
    learner = await spread.learner_in(FURTHER)
    offer, exchange_id = await spread.world.offer(learner, spread.world.award("Halima"))
    first = spread.agents[FURTHER]
    standby = first.again("standby")
    standby.port, standby.url = first.port, first.url
    standby.environment |= {"AGENT_ADMIN_PORT": str(first.port), "AGENT_STANDBY": "true"}
    await learner.accept(offer["id"])
    standby.spawn()
    try:
        first.kill()
        await standby.ready()
        await spread.world.issue(exchange_id)

        await learner.unlock(spread.world.passphrase)
        learner._offer = offer["id"]
        await learner.credential(SECONDS)
        assert len(await learner.credentials()) == 1
    finally:
        standby.stop()
        first.spawn()
        await first.ready()


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
