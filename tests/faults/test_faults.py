"""Learners claim and prove while programs are killed, stopped and restarted; then the auditor reads every store.

SEED=… repeats the faults of a run, MINUTES=… makes it long (`make faults`).
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.faults.faults import befall, faults
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.exchange import RunningExchange, make_awards, running_exchange
from tests.support.patient_learner import PATIENCE, PatientLearner
from tests.support.wait import until

LEARNERS = 6
MINUTES = 0.5
MOST_AWARDS = 2000
LOOK_SECONDS = 8.0

type Say = Callable[[str], None]


async def test_whatever_dies_each_offer_is_one_credential_and_each_answer_one_verdict(
    tmp_path: Path, database: str | None, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    minutes = float(os.environ.get("MINUTES") or MINUTES)
    say = partial(_say, capsys)
    say(f"\nSEED={seed} MINUTES={minutes:g}")
    own = database and f"{database}/faults"
    async with running_exchange(tmp_path, database=own) as exchange:
        await exchange.issuer.wait_until_it_can_issue()
        exchange.patience = LOOK_SECONDS
        number = min(MOST_AWARDS, int(40 * LEARNERS * minutes))
        awards = await make_awards(exchange.issuer, spreadsheet, number)
        ends = time.monotonic() + 60 * minutes
        over = asyncio.Event()
        happening = asyncio.create_task(happen(exchange, seed, ends, say, over))
        learners: list[PatientLearner] = []
        results = await asyncio.gather(
            *(live(exchange, awards, learners, over) for _ in range(LEARNERS)), return_exceptions=True
        )
        await happening
        met = sum((Counter(one.met) for one in learners), Counter[int]())
        failures = [repr(result) for result in results if isinstance(result, BaseException)]
        verdicts = Counter(
            verdict for result in results if not isinstance(result, BaseException) for verdict in result
        )
        say(f"met by learners, by status (0: no answer): {dict(met)}")
        say(f"learners {len(learners)}, verdicts {dict(verdicts)}, gave up: {failures}")
        auditor = Auditor(exchange, own)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
    say(f"the auditor, SEED={seed}:\n{findings}")
    assert not failures
    assert set(verdicts) == {"accepted"}
    assert not findings.complaints


def _say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(text, flush=True)  # noqa: T201  what a long run is for


async def happen(exchange: RunningExchange, seed: int, ends: float, say: Say, over: asyncio.Event) -> None:
    """Let the faults happen until the time is over."""
    try:
        for fault in faults(seed):
            if time.monotonic() + fault.pause > ends:
                return
            await asyncio.sleep(fault.pause)
            say(f"  {fault}")
            await befall(fault, exchange.child_pids())
    finally:
        over.set()


async def live(
    exchange: RunningExchange,
    awards: list[ClaimableAward],
    learners: list[PatientLearner],
    over: asyncio.Event,
) -> list[str]:
    """One learner after another claims and proves, until the faults are over; each ends what she began."""
    verdicts = []
    while not over.is_set() and awards:
        graduate = await until(partial(newcomer, exchange), PATIENCE, "a new wallet")
        learner = PatientLearner(graduate)
        learners.append(learner)
        await learner.claim(exchange.issuer, awards.pop().claim_url)
        _, verdict = await learner.prove(exchange.verifier)
        verdicts.append(verdict)
    return verdicts


async def newcomer(exchange: RunningExchange) -> HttpGraduate | None:
    try:
        return await exchange.new_graduate()
    except ServiceRefused:
        return None
