"""Learners claim and prove while every program is killed once; then the auditor reads every store."""

import asyncio
import os
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest

from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.cluster import (
    EVERYTHING_TWICE,
    NATS,
    SHARD,
    all_are_ready,
    holder_of,
    kill,
    leader_of,
    running_cluster,
)
from tests.support.exchange import RunningExchange, make_awards
from tests.support.patient_learner import PATIENCE, PatientLearner
from tests.support.wait import until

SEED = int(os.environ.get("SEED") or 1)
KILLS = int(os.environ["KILLS"]) if os.environ.get("KILLS") else None
"""So many programs of the order are killed; by default all."""
AT_ONCE = 5
MOST_LEARNERS = 60
BETWEEN = 3
"""So many steps are taken from one killing to the next: each falls into the middle of something."""
A_SERVER, THE_HOLDER = "a NATS server", "the agent that has the further shard"
ONE_OF_EACH = (*EVERYTHING_TWICE, A_SERVER, THE_HOLDER)
THE_OTHERS = (*(f"{name}-2" for name in EVERYTHING_TWICE), A_SERVER, A_SERVER, "wallet-agent")
REFUSED = 500


class Crowd:
    """Learners who come, so many at once, until told that it is over; what they did is kept."""

    def __init__(self, exchange: RunningExchange, awards: list[ClaimableAward]) -> None:
        self.learners: list[PatientLearner] = []
        self.verdicts: Counter[str] = Counter()
        self.over = asyncio.Event()
        self._exchange = exchange
        self._awards = awards

    @property
    def steps(self) -> int:
        return sum(one.steps for one in self.learners)

    async def come(self) -> None:
        """One learner after the other claims and proves; when no award is left, the last one goes on proving."""
        while self._awards:
            award = self._awards.pop()  # before anything is waited for: the others come for theirs meanwhile
            learner = await self._newcomer()
            self.learners.append(learner)
            await learner.claim(self._exchange.issuer, award.claim_url)
            await self._prove(learner)
            while not self._awards and not self.over.is_set():
                await self._prove(learner)
            if self.over.is_set():
                return

    async def _newcomer(self) -> PatientLearner:
        async def made() -> PatientLearner | None:
            try:
                return PatientLearner(await self._exchange.new_graduate())
            except ServiceRefused as error:
                if 0 < error.status < REFUSED:
                    raise
                return None

        return await until(made, PATIENCE, "a new wallet")

    async def _prove(self, learner: PatientLearner) -> None:
        _, verdict = await learner.prove(self._exchange.verifier)
        self.verdicts[verdict] += 1


async def test_with_every_program_killed_once_nothing_is_lost_or_doubled(
    tmp_path: Path, postgres_cluster: str, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"{postgres_cluster}/{tmp_path.name.replace('-', '_')[-30:]}"
    async with running_cluster(tmp_path, database, EVERYTHING_TWICE, [SHARD]) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        crowd = Crowd(exchange, await make_awards(exchange.issuer, spreadsheet, MOST_LEARNERS))
        killed: list[str] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(crowd.come())
            await kill_all(exchange, crowd, killed)
            crowd.over.set()
        auditor = Auditor(exchange, database)
        await at_rest(exchange, auditor, crowd.learners)
        findings = await auditor.audit([one.learner for one in crowd.learners])
        operator = JsonApi(
            exchange.endpoints["wallet"], exchange.endpoints["keys"]["wallet"], exchange.client
        )
        shards = (await operator.get("/v1/capacity"))["shards"]
    with capsys.disabled():
        print(f"\nSEED={SEED}: killed {', '.join(killed)}\n{findings}")  # noqa: T201  what a long run is for
    assert not findings.complaints
    assert crowd.verdicts.keys() == {"accepted"}
    assert min(one["wallets"] for one in shards) > 0, shards


async def kill_all(exchange: RunningExchange, crowd: Crowd, killed: list[str]) -> None:
    """Kill programs once, one of each first, in an order that SEED decides; all are ready before each."""
    draw = Random(SEED)  # noqa: S311  no secret
    first, second = draw.sample(ONE_OF_EACH, len(ONE_OF_EACH)), draw.sample(THE_OTHERS, len(THE_OTHERS))
    for what in (*first, *second)[:KILLS]:
        await all_are_ready(exchange)
        due = crowd.steps + BETWEEN
        await until(partial(steps_reach, crowd, due), PATIENCE, f"{due} steps are taken")
        program = await program_of(exchange, what, killed)
        killed.append(program)
        await kill(exchange, program)
        if what is THE_HOLDER:
            await until(
                partial(other_holds, exchange, program), PATIENCE, "the agent on standby has the shard"
            )


async def program_of(exchange: RunningExchange, what: str, killed: list[str]) -> str:
    """Of servers the one that leads, then those that are left."""
    if what is THE_HOLDER:
        return holder_of(exchange, SHARD)
    if what is not A_SERVER:
        return what
    leader = await leader_of(exchange, "issuer")
    return next(one for one in (leader, *NATS) if one not in killed)


def steps_reach(crowd: Crowd, number: int) -> bool:
    return crowd.steps >= number


def other_holds(exchange: RunningExchange, killed: str) -> bool:
    return holder_of(exchange, SHARD) not in {"", killed}
