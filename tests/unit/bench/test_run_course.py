"""A course: so many at a time, each once; what fails or never finishes is lost, and said why."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.bench.domain.figures import Usage
from services.bench.domain.plan import Deed, Issue, Level
from services.bench.ports import Learner
from services.bench.use_cases.run_course import run_course

PATIENT = 60.0


@dataclass
class Side:
    """Counts who is at it."""

    now: int = 0
    most: int = 0
    works: bool = False
    spent: float = 0

    async def learners(self, issue: Issue, number: int) -> Sequence[Learner]:
        raise NotImplementedError

    def usage(self) -> Mapping[str, Usage]:
        self.spent += self.works
        return {"issuer": Usage(self.spent, 100)}


@dataclass
class Person:
    side: Side
    fails: Exception | None = None
    hangs: bool = False
    extra: int = 0
    holds: bool = False
    times: int = field(default=0)
    opened: int = 0
    locked: int = 0
    silent: bool = False

    async def enter(self) -> None:
        self.opened += 1

    async def leave(self) -> None:
        self.locked += 1

    async def do(self, deed: Deed) -> None:
        assert deed == Issue()
        assert self.opened > self.locked
        self.times += 1
        self.side.now += 1
        self.side.most = max(self.side.most, self.side.now)
        try:
            await asyncio.sleep(0)
            if self.fails is not None:
                raise self.fails
            if self.hangs:
                await asyncio.Event().wait()
        finally:
            self.side.now -= 1

    async def doubled(self) -> int:
        if self.silent:
            raise TimeoutError("no answer")
        return self.extra


async def test_each_acts_once_and_never_more_at_a_time_than_the_level_says() -> None:
    side = Side()
    people = [Person(side) for _ in range(7)]
    found = await run_course("ujuzi", side, Issue(), Level(3, 7), people, stall_seconds=PATIENT)
    assert [(one.times, one.opened, one.locked) for one in people] == [(1, 1, 1)] * 7
    assert side.most == 3
    assert (found.exchanges, found.finished, found.lost, found.reasons) == (7, 7, 0, {})


async def test_who_fails_is_lost_with_the_reason_and_not_tried_again() -> None:
    side = Side()
    people = [Person(side), Person(side, fails=ValueError("no offer came\nmore of it")), Person(side)]
    found = await run_course("stock", side, Issue(), Level(1, 3), people, stall_seconds=PATIENT)
    assert (found.finished, found.lost) == (2, 1)
    assert found.reasons == {"ValueError: no offer came": 1}
    assert people[1].times == 1


async def test_what_never_finishes_is_given_up_with_all_that_wait_behind_it() -> None:
    side = Side()
    people = [Person(side), Person(side, hangs=True), Person(side)]
    found = await run_course("stock", side, Issue(), Level(1, 3), people, stall_seconds=0)
    assert (found.finished, found.lost) == (1, 2)
    assert found.reasons == {"nothing finished any more": 2}
    assert side.now == 0, "nobody is left at it"


async def test_while_a_side_works_it_is_waited_for_five_times_as_long() -> None:
    side = Side(works=True)
    one = Person(side, hangs=True)
    began = time.perf_counter()
    found = await run_course("stock", side, Issue(), Level(1, 1), [one], stall_seconds=0.2)
    assert time.perf_counter() - began > 1
    assert found.lost == 1


async def test_credentials_too_many_are_added_up() -> None:
    side = Side()
    people = [Person(side, extra=2), Person(side, extra=1), Person(side)]
    found = await run_course("ujuzi", side, Issue(), Level(3, 3), people, stall_seconds=PATIENT)
    assert found.doubled == 3


async def test_a_wallet_that_does_not_say_what_it_holds_counts_as_doubled_and_ends_nothing() -> None:
    side = Side()
    people = [Person(side, silent=True), Person(side)]
    found = await run_course("ujuzi", side, Issue(), Level(2, 2), people, stall_seconds=PATIENT)
    assert (found.finished, found.lost, found.doubled) == (2, 0, 1)
    assert found.reasons == {"not known whether doubled: TimeoutError: no answer": 1}
    assert [one.locked for one in people] == [1, 1]
