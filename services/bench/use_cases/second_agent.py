"""Issue to the wallets of one agent, then to those of two that share them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from services.bench.domain.figures import Course, SecondAgent
from services.bench.domain.plan import Issue, Level
from services.bench.ports import Perform, Say
from services.bench.use_cases.run_course import run_course

LEVEL = Level(12, 60)
_WARMING = Level(4, 8)
_STALL_SECONDS = 60.0


async def second_agent(
    start: Callable[[bool], AbstractAsyncContextManager[Perform]], *, cores: int, made_at: str, say: Say
) -> SecondAgent:
    """`start` runs the exchange inside its block, with a second agent if told so."""
    one, two = [await _issue(start, second=second, say=say) for second in (False, True)]
    return SecondAgent(made_at, cores, one, two)


async def _issue(
    start: Callable[[bool], AbstractAsyncContextManager[Perform]], *, second: bool, say: Say
) -> Course:
    say(f"Starting `ujuzi up` with {'two agents' if second else 'one agent'} for learners' wallets …")
    async with start(second) as ours:
        for level in (_WARMING, LEVEL):
            learners = await ours.learners(Issue(), level.exchanges)
            done = await run_course("ujuzi", ours, Issue(), level, learners, stall_seconds=_STALL_SECONDS)
        say(done.in_short())
        return done
