"""A whole run: by turns, each side only what it offers, and who lost her credential gets one before she proves it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from services.bench.domain.figures import Arithmetic, Figures, Part, Usage
from services.bench.domain.plan import FULL, QUICK, Deed, Issue, Level, Plan, Present, Side, sides_of
from services.bench.ports import Learner
from services.bench.use_cases.run_bench import Bench, run_bench
from tests.unit.bench.made_up import FIGURES

PLAN = replace(
    QUICK,
    deeds=(Issue(), Present(1), Issue(revocable=False), Present(1, not_revoked=False)),
    issuing=(Level(1, 2), Level(2, 4)),
    presenting=(Level(1, 3),),
)


@dataclass
class Person:
    fails: bool
    holds: bool = False

    async def enter(self) -> None:
        """Nothing is locked."""

    async def leave(self) -> None:
        """Nothing is locked."""

    async def do(self, deed: Deed) -> None:
        await asyncio.sleep(0)
        if isinstance(deed, Present):
            assert self.holds, "she has nothing to prove"
        elif self.fails:
            raise TimeoutError("no credential came")
        else:
            self.holds = True

    async def doubled(self) -> int:
        return 0


@dataclass
class Performer:
    fail_first: int = 0
    made: list[Person] = field(default_factory=list)

    async def learners(self, issue: Issue, number: int) -> Sequence[Learner]:
        assert issue in PLAN.issues
        new = [Person(fails=len(self.made) + one < self.fail_first) for one in range(number)]
        self.made += new
        return new

    def usage(self) -> Mapping[str, Usage]:
        return {"issuer": Usage(1.0, 100)}


async def no_arithmetic(deeds: Sequence[Deed], times: int) -> Sequence[Arithmetic]:
    return [Arithmetic(deed.name, {"step": 1.0 * times}) for deed in deeds]


async def no_parts(plan: Plan) -> Sequence[Part]:
    return [Part("rows", plan.rows, "")]


NOTHING_YET = replace(FIGURES, courses=(), arithmetic=(), parts=(), planned=PLAN.courses)


def a_bench(kept: list[Figures], said: list[str], *, courses: int = 99, fail_first: int = 0) -> Bench:
    """One that has time for so many courses; each kept figure is one more."""
    return Bench(
        PLAN, {"stock": Performer(fail_first), "ujuzi": Performer()}, no_arithmetic, no_parts,
        say=said.append, keep=kept.append, may_begin=lambda: len(kept[-1].courses) < courses,
    )  # fmt: skip


async def test_sides_take_turns_and_only_stock_agents_do_what_ujuzi_does_not_offer() -> None:
    said: list[str] = []
    found = await run_bench(a_bench([], said, fail_first=8), NOTHING_YET)
    assert len(said) > len(found.courses)
    assert [(one.side, one.deed, one.in_flight, one.lost) for one in found.courses] == [
        ("stock", "issue", 1, 2), ("ujuzi", "issue", 1, 0), ("stock", "issue", 2, 4), ("ujuzi", "issue", 2, 0),
        ("stock", "present, 1 predicate", 1, 0), ("ujuzi", "present, 1 predicate", 1, 0),
        ("stock", "issue, not revocable", 1, 0), ("stock", "issue, not revocable", 2, 0),
        ("stock", "present, 1 predicate, status not asked", 1, 0),
    ]  # fmt: skip
    assert (len(found.arithmetic), len(found.parts)) == (4, 1)
    assert found.whole


async def test_what_is_finished_is_kept_after_every_course() -> None:
    kept: list[Figures] = []
    found = await run_bench(a_bench(kept, []), NOTHING_YET)
    assert [len(one.courses) for one in kept] == list(range(PLAN.courses + 1))
    assert kept[-1] == found
    assert kept[0].parts, "the parts come first: they take little"


async def test_when_there_is_no_time_left_nothing_more_begins_but_both_sides_have_had_their_turn() -> None:
    found = await run_bench(a_bench([], [], courses=1), NOTHING_YET)
    assert [(one.side, one.deed) for one in found.courses] == [("stock", "issue"), ("ujuzi", "issue")]
    assert not found.whole


def test_what_ujuzi_offers_both_sides_do() -> None:
    assert sides_of(Issue()) == sides_of(Present(3)) == ("stock", "ujuzi")
    assert sides_of(Issue(revocable=False)) == sides_of(Present(0, not_revoked=False)) == ("stock",)


def test_a_trial_is_of_the_size_that_is_asked_for() -> None:
    trial = QUICK.of_size(1)
    assert trial.issuing == trial.presenting == (Level(1, 1),)
    assert (trial.name, trial.courses) == ("trial", 4)


CORES = 2
COST: Mapping[Side, float] = {"stock": 0.6, "ujuzi": 1.5}
"""Processor seconds of an exchange, at least what was measured."""
BESIDES = 90
"""Seconds until all is up, of the parts, and at the end."""
A_COURSE = 6
"""Seconds until both sides are at rest."""
A_WALLET = 0.1
"""To make, or to open, and to lock; a stock agent's tenants are open."""


@pytest.mark.parametrize(("plan", "minutes"), [(QUICK, 5), (FULL, 35)])
def test_a_plan_ends_in_time_on_two_cores_that_do_nothing_else(plan: Plan, minutes: int) -> None:
    seconds: float = BESIDES
    for deed in plan.deeds:
        for side in sides_of(deed):
            wallet = A_WALLET if side == "ujuzi" or isinstance(deed, Issue) else 0
            for level in (Level(2, 2), *plan.levels(deed)):
                seconds += level.exchanges * (COST[side] / min(CORES, level.in_flight) + wallet) + A_COURSE
    assert seconds < minutes * 60


def test_the_whole_plan_has_every_course_that_is_asked_for() -> None:
    assert {one.in_flight for deed in FULL.deeds for one in FULL.levels(deed)} == {1, 10, 50, 200}
    assert all(one.exchanges >= one.in_flight for deed in FULL.deeds for one in FULL.levels(deed))
    shown = {(one.predicates, one.not_revoked) for one in FULL.deeds if isinstance(one, Present)}
    assert shown == {(0, True), (1, True), (3, True), (1, False)}
    assert FULL.issues == (Issue(), Issue(revocable=False))
