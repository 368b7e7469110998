"""Turns among processes: two objects stand for two processes of a party."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from shared.adapters import turns as adapter
from shared.adapters.turns import Turns, TurnsUnavailable
from tests.support.free_port import free_port
from tests.support.wait import until


@pytest.fixture
async def two(postgres_url: str) -> AsyncIterator[tuple[Turns, Turns]]:
    async with Turns(postgres_url) as one, Turns(postgres_url) as other:
        yield one, other


async def test_what_one_process_is_at_another_waits_for(two: tuple[Turns, Turns]) -> None:
    one, other = two
    happened = []

    async def after() -> None:
        async with other("a claim"):
            happened.append("second")

    async with one("a claim"):
        waiting = asyncio.create_task(after())
        async with other("another claim"):
            happened.append("first")
    await waiting
    assert happened == ["first", "second"]


async def test_alone_is_left_out_while_another_process_is_at_it(two: tuple[Turns, Turns]) -> None:
    one, other = two
    done = []

    async def note() -> None:
        done.append("done")

    async with one("a timer"):
        await other.alone("a timer", note)()
        await one.alone("a timer", note)()
    assert done == []
    await other.alone("a timer", note)()
    assert done == ["done"]


async def test_the_turn_of_a_process_that_is_gone_is_free(two: tuple[Turns, Turns]) -> None:
    one, other = two
    stack = AsyncExitStack()
    await stack.enter_async_context(one("a claim"))
    await one.close()
    async with asyncio.timeout(10), other("a claim"):
        pass
    await stack.aclose()


async def test_whoever_gives_up_waiting_keeps_no_turn(two: tuple[Turns, Turns]) -> None:
    one, other = two

    async def take() -> None:
        async with other("a claim"):
            raise AssertionError("it was not free")

    async with one("a claim"):
        waiting = asyncio.create_task(take())
        await until(lambda: other._connection is not None, 30, "it asked")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(10), one("a claim"):
        pass


async def test_after_long_waiting_it_is_to_be_tried_later(
    two: tuple[Turns, Turns], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    monkeypatch.setattr(adapter, "LONGEST_TURN", 0.1)
    async with one("a claim"):
        with pytest.raises(TurnsUnavailable, match="another process has been at the same"):
            async with other("a claim"):
                raise AssertionError("it was not free")


async def test_without_its_database_nobody_has_a_turn() -> None:
    async with Turns(f"postgresql://ujuzi@127.0.0.1:{free_port()}/none") as turns:
        with pytest.raises(TurnsUnavailable, match="cannot be told"):
            async with turns("a claim"):
                raise AssertionError("nobody could say so")


async def test_a_connection_that_was_cut_is_made_anew(two: tuple[Turns, Turns], postgres_url: str) -> None:
    one, other = two
    async with one("a claim"):
        assert one._connection is not None
        pid = one._connection.get_server_pid()
        killer = await asyncpg.connect(postgres_url)
        await killer.execute("select pg_terminate_backend($1)", pid)
        await killer.close()
        connection = one._connection
        await until(connection.is_closed, 30, "it is cut")
        async with asyncio.timeout(10), other("a claim"), one("something else"):
            """The turn is lost with its connection, and giving it back takes it from nobody."""
    async with asyncio.timeout(10), one("a claim"):
        pass


@pytest.mark.parametrize("url", [None, "sqlite:////tmp/none.db"])
async def test_on_sqlite_turns_are_taken_within_the_process(url: str | None) -> None:
    turns, done = Turns(url), []

    async def note() -> None:
        done.append("done")

    async with turns("a timer"):
        await turns.alone("a timer", note)()
    assert done == []
    await turns.alone("a timer", note)()
    assert done == ["done"]
