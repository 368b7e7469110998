"""One decision at a time for each wallet, in one process and among replicas."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from shared.adapters.sql import Database, DatabaseUnavailable
from tests.support.postgres import Cluster, fresh_database
from wallet.adapters import turns
from wallet.adapters.turns import MemoryTurns, PostgresTurns, Turns


@pytest.fixture(params=["one process", "one replica", "two replicas"])
async def two(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Turns, Turns]]:
    """Where two decisions about one wallet are taken."""
    if request.param == "one process":
        alone = MemoryTurns()
        yield alone, alone
        return
    url = await fresh_database(request.getfixturevalue("postgres_cluster"))
    async with AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(PostgresTurns(await stack.enter_async_context(Database(url))))
            for _ in range(2)
        ]
        yield made[0], made[0] if request.param == "one replica" else made[1]


async def test_of_two_decisions_about_one_wallet_one_waits_for_the_other(two: tuple[Turns, Turns]) -> None:
    done: list[str] = []

    async def decide(where: Turns, name: str, begun: asyncio.Event, go: asyncio.Event) -> None:
        async with where.of("wallet"):
            begun.set()
            done.append(f"{name} begins")
            await go.wait()
            done.append(f"{name} ends")

    first, second, go = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(decide(two[0], "first", first, go))
        await first.wait()
        group.create_task(decide(two[1], "second", second, go))
        async with two[1].of("another wallet"):
            assert not second.is_set()
        go.set()

    assert done == ["first begins", "first ends", "second begins", "second ends"]


async def test_a_turn_may_be_taken_again_and_again(two: tuple[Turns, Turns]) -> None:
    turn = two[0].of("wallet")
    for _ in range(2):
        with pytest.raises(ValueError, match="in the middle"):
            async with turn:
                raise ValueError("in the middle")
    async with asyncio.timeout(30), two[1].of("wallet"):
        pass


async def test_a_replica_that_is_no_more_holds_nobody_up(postgres_url: str) -> None:
    async with Database(postgres_url) as one, Database(postgres_url) as other:
        dead = PostgresTurns(one)
        await dead.of("wallet").__aenter__()
        async with PostgresTurns(other) as alive, asyncio.TaskGroup() as group:
            waiting = group.create_task(alive.of("wallet").__aenter__())
            assert dead._connection is not None
            await dead.__aexit__(None, None, None)  # the connection is gone, as with the process
            async with asyncio.timeout(30):
                await waiting


async def test_whoever_does_not_come_to_an_end_is_not_waited_for_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        Database(postgres_url) as one,
        Database(postgres_url) as other,
        PostgresTurns(one) as first,
        PostgresTurns(other) as second,
        first.of("wallet"),
    ):
        monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.2)
        with pytest.raises(DatabaseUnavailable, match="another replica did not finish"):
            await second.of("wallet").__aenter__()


async def test_after_the_server_was_away_turns_are_taken_again(
    postgres_server: Cluster, postgres_url: str
) -> None:
    async with Database(postgres_url) as database, PostgresTurns(database) as found:
        async with found.of("wallet"):
            postgres_server.crash()
            postgres_server.start()
        async with found.of("wallet"):
            pass
