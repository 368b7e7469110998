"""Both sides, deed by deed and level by level, by turns."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.bench.domain.figures import AT_REST, Figures, busy_seconds
from services.bench.domain.plan import Deed, Issue, Level, Plan, Side, sides_of
from services.bench.ports import DoArithmetic, Keep, Learner, MayBegin, MeasureParts, Perform, Say
from services.bench.use_cases.run_course import run_course

_LOOK_SECONDS = 1.0
_REST_SECONDS = 15.0
_PATIENT_SECONDS = 60.0
_WARMING = 2
"""How many do each thing first, by each side."""
_GENTLY = 2
"""How many at a time get a credential that is not measured."""


@dataclass(frozen=True)
class Bench:
    """What a run is of."""

    plan: Plan
    sides: Mapping[Side, Perform]
    arithmetic: DoArithmetic
    parts: MeasureParts
    say: Say
    keep: Keep
    """Called after every course."""
    may_begin: MayBegin
    """Asked before both sides' turns at a level; what may not begin is left out."""


async def run_bench(bench: Bench, figures: Figures) -> Figures:
    """Return these figures with all that was measured: arithmetic and parts, then courses, the most telling first."""
    plan, say = bench.plan, bench.say
    say("The arithmetic …")
    figures = replace(figures, arithmetic=await bench.arithmetic(plan.deeds, plan.arithmetic))
    say("The parts …")
    figures = replace(figures, parts=(*figures.parts, *await bench.parts(plan)))
    bench.keep(figures)
    holders: dict[Side, list[Learner]] = {side: [] for side in bench.sides}
    for deed in plan.deeds:
        if not bench.may_begin():
            break
        warmed = {side: await _cohort(bench, side, deed, _WARMING, holders[side]) for side in sides_of(deed)}
        for side, learners in warmed.items():
            await _unclocked(bench, side, deed, learners)
        for level in plan.levels(deed):
            if not bench.may_begin():
                break
            for side in sides_of(deed):
                learners = await _cohort(bench, side, deed, level.exchanges, holders[side])
                await _at_rest(bench.sides.values())
                done = await run_course(
                    side, bench.sides[side], deed, level, learners, stall_seconds=plan.stall_seconds
                )
                say(done.in_short())
                figures = replace(figures, courses=(*figures.courses, done))
                bench.keep(figures)
                if isinstance(deed, Issue) and deed.revocable:
                    holders[side] += [one for one in learners if one.holds]
    return figures


async def _cohort(
    bench: Bench, side: Side, deed: Deed, number: int, holders: list[Learner]
) -> Sequence[Learner]:
    """So many who can do it: new ones to be issued to, or holders, of whom there are more after it if too few."""
    perform = bench.sides[side]
    if isinstance(deed, Issue):
        return await perform.learners(deed, number)
    missing = number - len(holders)
    if missing > 0:
        new = await perform.learners(Issue(), missing)
        await _unclocked(bench, side, Issue(), new)
        holders += [one for one in new if one.holds]
    return holders[:number]


async def _unclocked(bench: Bench, side: Side, deed: Deed, learners: Sequence[Learner]) -> None:
    """Do it unhurried, in no figures: what a program does once in its life belongs to no exchange."""
    level = Level(_GENTLY, len(learners))
    await run_course(side, bench.sides[side], deed, level, learners, stall_seconds=_PATIENT_SECONDS)


async def _at_rest(sides: Collection[Perform]) -> None:
    """Wait until neither side works on anything left over, or a quarter of a minute."""
    for _ in range(int(_REST_SECONDS / _LOOK_SECONDS)):
        before = [busy_seconds(side.usage()) for side in sides]
        await asyncio.sleep(_LOOK_SECONDS)
        after = [busy_seconds(side.usage()) for side in sides]
        if all(now - was < AT_REST * _LOOK_SECONDS for was, now in zip(before, after, strict=True)):
            return
