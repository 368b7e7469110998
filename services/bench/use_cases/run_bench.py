"""Both sides, deed by deed and level by level, by turns."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from services.bench.domain.figures import DRIVER, Arithmetic, Course, Part
from services.bench.domain.plan import Deed, Issue, Level, Plan, Side, sides_of
from services.bench.ports import DoArithmetic, Learner, MeasureParts, Perform, Say
from services.bench.use_cases.run_course import run_course

_AT_REST = 0.2
"""Processor time a side takes that has nothing to do, as a part of one core, at most."""
_LOOK_SECONDS = 1.0
_REST_SECONDS = 15.0
_PATIENT_SECONDS = 60.0
_WARMING = 2
"""How many do each thing first, by each side."""
_GENTLY = 2
"""How many at a time get a credential that is not measured."""


async def run_bench(
    plan: Plan,
    sides: Mapping[Side, Perform],
    *,
    arithmetic: DoArithmetic,
    parts: MeasureParts,
    say: Say,
) -> tuple[Sequence[Arithmetic], Sequence[Course], Sequence[Part]]:
    """Return what was measured."""
    deeds: tuple[Deed, ...] = (*plan.issues, *plan.presentations)
    say("The arithmetic …")
    floor = await arithmetic(deeds, plan.arithmetic)
    courses: list[Course] = []
    holders: Mapping[Side, Sequence[Learner]] = {}
    for issue in plan.issues:
        say(f"New wallets, to {issue.name} …")
        number = _WARMING + sum(level.exchanges for level in plan.issuing)
        learners = {side: await sides[side].learners(issue, number) for side in sides_of(issue)}
        for side, each in learners.items():
            await _warm(side, sides[side], issue, each[:_WARMING])
        begin = _WARMING
        for level in plan.issuing:
            cohort = {side: each[begin : begin + level.exchanges] for side, each in learners.items()}
            courses += await _by_turns(issue, level, sides, cohort, stall_seconds=plan.stall_seconds, say=say)
            begin += level.exchanges
        if issue.revocable:
            most = max(_WARMING, *(level.exchanges for level in plan.presenting))
            holders = {
                side: await _holders(side, sides[side], issue, each, most) for side, each in learners.items()
            }
    for asked in plan.presentations:
        for side in sides_of(asked):
            await _warm(side, sides[side], asked, holders[side][:_WARMING])
        for level in plan.presenting:
            cohort = {side: holders[side][: level.exchanges] for side in sides_of(asked)}
            courses += await _by_turns(asked, level, sides, cohort, stall_seconds=plan.stall_seconds, say=say)
    say("The parts …")
    return floor, courses, await parts(plan)


async def _by_turns(
    deed: Deed,
    level: Level,
    sides: Mapping[Side, Perform],
    cohort: Mapping[Side, Sequence[Learner]],
    *,
    stall_seconds: float,
    say: Say,
) -> Sequence[Course]:
    done = []
    for side, learners in cohort.items():
        await _at_rest(sides.values())
        done.append(await run_course(side, sides[side], deed, level, learners, stall_seconds=stall_seconds))
        say(done[-1].in_short())
    return done


async def _warm(side: Side, perform: Perform, deed: Deed, learners: Sequence[Learner]) -> None:
    """Do it outside the clock: what a program does once in its life is in no exchange's figures."""
    await run_course(side, perform, deed, Level(1, len(learners)), learners, stall_seconds=_PATIENT_SECONDS)


async def _holders(
    side: Side, perform: Perform, issue: Issue, learners: Sequence[Learner], number: int
) -> Sequence[Learner]:
    """So many who hold a credential: where too many were lost, new ones get theirs unhurried, outside the clock."""
    found = [one for one in learners if one.holds]
    missing = number - len(found)
    if missing > 0:
        level = Level(_GENTLY, missing)
        new = await perform.learners(issue, missing)
        await run_course(side, perform, issue, level, new, stall_seconds=_PATIENT_SECONDS)
        found += [one for one in new if one.holds]
    return found


async def _at_rest(sides: Collection[Perform]) -> None:
    """Wait until neither side works on anything left over, or a quarter of a minute."""
    for _ in range(int(_REST_SECONDS / _LOOK_SECONDS)):
        before = [_cpu(side) for side in sides]
        await asyncio.sleep(_LOOK_SECONDS)
        if all(_cpu(side) - was < _AT_REST * _LOOK_SECONDS for side, was in zip(sides, before, strict=True)):
            return


def _cpu(side: Perform) -> float:
    return sum(used.cpu_seconds for process, used in side.usage().items() if process != DRIVER)
