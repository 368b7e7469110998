"""Who waits for one thing is woken at once, and looks by itself when nobody tells."""

import asyncio

from shared.adapters.bells import Bells
from tests.support.wait import until

NEVER = 3600.0


async def test_whoever_waits_is_woken_and_nobody_else() -> None:
    bells = Bells(look_seconds=NEVER)
    with bells.listening("a") as first, bells.listening("a") as second, bells.listening("b") as other:
        waiting = [asyncio.ensure_future(wait()) for wait in (first, second, other)]
        await asyncio.sleep(0)
        bells.ring("a")
        done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 2:
            done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert pending == {waiting[2]}
        waiting[2].cancel()


async def test_what_rings_while_one_looks_is_not_missed() -> None:
    bells = Bells(look_seconds=NEVER)
    with bells.listening("a") as wait:
        bells.ring("a")
        async with asyncio.timeout(5):
            await wait()
        later = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        assert not later.done(), "one ring wakes once"
        later.cancel()


async def test_it_is_time_to_look_though_nothing_rings() -> None:
    with Bells(look_seconds=0.01).listening("a") as wait:
        async with asyncio.timeout(5):
            await wait()


async def test_nothing_is_left_of_those_who_went() -> None:
    bells = Bells(look_seconds=NEVER)
    with bells.listening("a"):
        pass
    assert bells._heard == {}
    bells.ring("a")


async def test_a_loop_does_it_at_once_and_again_at_each_ring() -> None:
    bells, done = Bells(look_seconds=NEVER), 0

    async def do() -> None:
        nonlocal done
        done += 1
        if done == 1:
            bells.ring("a")  # while it is at it: it looks once more

    loop = asyncio.ensure_future(bells.at_each("a", do)())
    try:
        await until(lambda: done == 2, 5, "it looked once more")
        bells.ring("another")
        bells.ring("a")
        await until(lambda: done == 3, 5, "it was rung")
    finally:
        loop.cancel()
