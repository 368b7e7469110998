"""Learners claim and prove while one replica of each program is killed; then the auditor reads every store."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from services.launcher.domain.story import ClaimableAward
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.cluster import EVERYTHING_TWICE, kill, running_cluster
from tests.support.exchange import RunningExchange, make_awards
from tests.support.patient_learner import PATIENCE, STEPS, PatientLearner
from tests.support.wait import until

LEARNERS = 6
KILLED = ("issuer-2", "issuer-agent", "nats-2", "verifier", "verifier-agent-2", "trust-registry-2")
"""One replica of each, the first of some."""


async def test_with_one_replica_of_each_killed_nothing_is_lost_or_doubled(
    tmp_path: Path, postgres_cluster: str, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"{postgres_cluster}/cluster"
    async with running_cluster(tmp_path, database, EVERYTHING_TWICE) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        awards = await make_awards(exchange.issuer, spreadsheet, LEARNERS)
        learners = [PatientLearner(await exchange.new_graduate()) for _ in range(LEARNERS)]
        killing = asyncio.create_task(kill_all(exchange, learners))
        verdicts = await asyncio.gather(*(live(exchange, one, awards) for one in learners))
        await killing
        auditor = Auditor(exchange, database)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
    with capsys.disabled():
        print(f"\n{findings}")  # noqa: T201  what a long run is for
    assert Counter(verdicts) == {"accepted": LEARNERS}
    assert not findings.complaints


async def kill_all(exchange: RunningExchange, learners: Sequence[PatientLearner]) -> None:
    """Kill one after the other, as the learners' steps go on: each in the middle of something."""
    whole = len(learners) * sum(STEPS.values())
    for number, program in enumerate(KILLED):
        due = whole * (number + 1) // (len(KILLED) + 2)
        await until(partial(steps_reach, learners, due), PATIENCE, f"{due} of {whole} steps are taken")
        await kill(exchange, program)


def steps_reach(learners: Sequence[PatientLearner], number: int) -> bool:
    return sum(one.steps for one in learners) >= number


async def live(exchange: RunningExchange, learner: PatientLearner, awards: list[ClaimableAward]) -> str:
    await learner.claim(exchange.issuer, awards.pop().claim_url)
    _, verdict = await learner.prove(exchange.verifier)
    return verdict
