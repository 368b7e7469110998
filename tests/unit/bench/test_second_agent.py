"""What is measured of a second agent."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from services.bench.domain.figures import Usage
from services.bench.domain.plan import Deed, Issue
from services.bench.use_cases.second_agent import LEVEL, second_agent


class Learner:
    """One who does at once what she is told."""

    holds = True

    async def enter(self) -> None:
        pass

    async def do(self, deed: Deed) -> None:
        pass

    async def doubled(self) -> int:
        return 0

    async def leave(self) -> None:
        pass


class Exchange:
    """Whose agents take 10 ms a look."""

    def __init__(self, agents: Sequence[str]) -> None:
        self._agents = agents
        self._looks = 0
        self.asked: list[int] = []

    async def learners(self, issue: Issue, number: int) -> Sequence[Learner]:
        assert issue.revocable
        self.asked.append(number)
        return [Learner() for _ in range(number)]

    def usage(self) -> Mapping[str, Usage]:
        self._looks += 1
        return {name: Usage(self._looks / 100, 100.0) for name in self._agents}


async def test_the_same_is_issued_with_one_agent_and_with_two() -> None:
    ran: list[Exchange] = []

    @asynccontextmanager
    async def start(second: bool) -> AsyncIterator[Exchange]:
        ran.append(Exchange(["wallet-agent", "wallet-agent-b"] if second else ["wallet-agent"]))
        yield ran[-1]

    found = await second_agent(start, cores=4, made_at="now", say=lambda _: None)
    assert [one.asked[-1] for one in ran] == [LEVEL.exchanges, LEVEL.exchanges]
    assert (found.one.finished, found.two.finished) == (LEVEL.exchanges, LEVEL.exchanges)
    assert (set(found.one.cpu_ms), set(found.two.cpu_ms)) == (
        {"wallet-agent"}, {"wallet-agent", "wallet-agent-b"},
    )  # fmt: skip
    assert (found.cores, found.made_at) == (4, "now")
