import asyncio
import logging

import pytest

from shared.adapters import background
from shared.adapters.background import every, running
from shared.ports.errors import Unavailable
from tests.support.wait import until


async def test_loops_run_inside_the_block_and_end_with_it() -> None:
    ended = asyncio.Event()
    began = asyncio.Event()

    async def loop() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(loop=loop):
        await asyncio.wait_for(began.wait(), 5)
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_loop_that_fails_is_logged_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    starts = 0

    async def loop() -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        async with running(offers=loop):
            await until(lambda: starts == 2, 5, "it is started again")
    assert "offers stopped" in caplog.text


async def test_a_loop_that_returns_is_done() -> None:
    starts = 0

    async def once() -> None:
        nonlocal starts
        starts += 1

    async def forever() -> None:
        await asyncio.Event().wait()

    async with running(once=once, forever=forever):
        await until(lambda: starts == 1, 5, "it ran")
    assert starts == 1


async def test_what_is_done_every_so_often_is_done_at_once_and_again() -> None:
    times = 0

    async def count() -> None:
        nonlocal times
        times += 1

    async with running(count=every(0.01, count)):
        await until(lambda: times >= 3, 5, "it was done three times")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Unavailable("away"), False),
        (ExceptionGroup("both", [Unavailable("away"), Unavailable("away")]), False),
        (ExceptionGroup("one of them", [Unavailable("away"), ZeroDivisionError()]), True),
    ],
    ids=["away", "several things away", "something else besides"],
)
async def test_a_part_that_is_away_is_waited_for_without_a_word(
    fault: Exception, told: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "AWAY_PAUSE", 0)
    starts = 0

    async def loop() -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise fault
        await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        async with running(webhooks=loop):
            await until(lambda: starts == 2, 5, "it is started again")
    assert ("webhooks stopped" in caplog.text) == told
