"""Learners claim and prove while one replica of each program is killed; then the auditor reads every store."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from services.launcher.domain.story import ClaimableAward
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.cluster import kill, running_cluster
from tests.support.exchange import RunningExchange, make_awards
from tests.support.patient_learner import PatientLearner

LEARNERS = 6


async def test_with_one_replica_killed_each_award_is_one_credential(
    tmp_path: Path, postgres_cluster: str, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"{postgres_cluster}/cluster"
    async with running_cluster(tmp_path, database, {"issuer": 2}) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        awards = await make_awards(exchange.issuer, spreadsheet, LEARNERS)
        learners = [PatientLearner(await exchange.new_graduate()) for _ in range(LEARNERS)]
        killing = asyncio.create_task(kill(exchange, "issuer-2"))
        verdicts = await asyncio.gather(*(live(exchange, one, awards) for one in learners))
        await killing
        auditor = Auditor(exchange, database)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
    with capsys.disabled():
        print(findings)  # noqa: T201  what a long run is for
    assert Counter(verdicts) == {"accepted": LEARNERS}
    assert not findings.complaints


async def live(exchange: RunningExchange, learner: PatientLearner, awards: list[ClaimableAward]) -> str:
    await learner.claim(exchange.issuer, awards.pop().claim_url)
    _, verdict = await learner.prove(exchange.verifier)
    return verdict
