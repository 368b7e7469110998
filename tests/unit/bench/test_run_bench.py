"""A whole run: by turns, each side only what it offers, and who lost her credential gets one before she proves it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.bench.domain.figures import Arithmetic, Part, Usage
from services.bench.domain.plan import QUICK, Deed, Issue, Level, Plan, Present, Side, sides_of
from services.bench.ports import Learner
from services.bench.use_cases.run_bench import run_bench

PLAN = replace(
    QUICK, issuing=(Level(1, 2), Level(2, 4)), presenting=(Level(1, 3),),
    issues=(Issue(), Issue(revocable=False)), presentations=(Present(1), Present(1, not_revoked=False)),
)  # fmt: skip


@dataclass
class Person:
    fails: bool
    holds: bool = False

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


async def test_sides_take_turns_and_only_stock_agents_do_what_ujuzi_does_not_offer() -> None:
    ujuzi, stock = Performer(), Performer(fail_first=8)
    sides: Mapping[Side, Performer] = {"stock": stock, "ujuzi": ujuzi}
    said: list[str] = []
    floor, courses, parts = await run_bench(
        PLAN, sides, arithmetic=no_arithmetic, parts=no_parts, say=said.append
    )
    assert len(said) > len(courses)
    assert [(one.side, one.deed, one.in_flight, one.lost) for one in courses] == [
        ("stock", "issue", 1, 2), ("ujuzi", "issue", 1, 0), ("stock", "issue", 2, 4), ("ujuzi", "issue", 2, 0),
        ("stock", "issue, not revocable", 1, 0), ("stock", "issue, not revocable", 2, 0),
        ("stock", "present, 1 predicate", 1, 0), ("ujuzi", "present, 1 predicate", 1, 0),
        ("stock", "present, 1 predicate, status not asked", 1, 0),
    ]  # fmt: skip
    assert (len(floor), len(parts)) == (4, 1)


def test_what_ujuzi_offers_both_sides_do() -> None:
    assert sides_of(Issue()) == sides_of(Present(3)) == ("stock", "ujuzi")
    assert sides_of(Issue(revocable=False)) == sides_of(Present(0, not_revoked=False)) == ("stock",)


def test_a_trial_is_of_the_size_that_is_asked_for() -> None:
    trial = QUICK.of_size(1)
    assert trial.issuing == trial.presenting == (Level(1, 1),)
    assert (trial.name, len(trial.issues), len(trial.presentations)) == ("trial", 1, 1)
