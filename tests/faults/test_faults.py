"""Learners claim and prove while programs, disks, databases and edges fail; then the auditor reads every store.

SEED=… repeats the faults of a run, MINUTES=… makes it long (`make faults`). The short pass is part of CI.
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from services.launcher.adapters.free_ports import free_base_port
from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.exchange import Ports
from services.launcher.domain.story import ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.faults.faults import EDGES, World, faults
from tests.faults.learner import PersistentLearner
from tests.support import up_behind_edges
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.edges import edges_before, sums
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange, make_awards, running_exchange
from tests.support.patient_learner import PATIENCE
from tests.support.postgres import Cluster
from tests.support.wait import until

LEARNERS = 6
MINUTES = 0.5
MOST_AWARDS = 2000
LOOK_SECONDS = 8.0
MOST_SAID = 8

type Say = Callable[[str], None]


@ON_BOTH_DATABASES
async def test_whatever_fails_each_offer_is_one_credential_and_each_answer_one_verdict(
    tmp_path: Path, database: str | None, spreadsheet: str, request: pytest.FixtureRequest
) -> None:
    say = partial(_say, request.getfixturevalue("capsys"))
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    minutes = float(os.environ.get("MINUTES") or MINUTES)
    say(f"\nSEED={seed} MINUTES={minutes:g} on {'PostgreSQL' if database else 'SQLite'}")
    own = database and f"{database}/faults"
    cluster: Cluster | None = request.getfixturevalue("postgres_server") if database else None
    async with world(tmp_path, own, cluster, seed) as around:
        exchange = around.exchange
        await until(partial(can_issue, exchange), PATIENCE, "the issuer has its definition")
        exchange.patience = LOOK_SECONDS
        number = min(MOST_AWARDS, int(40 * LEARNERS * minutes))
        awards = await make_awards(exchange.issuer, spreadsheet, number)
        over = asyncio.Event()
        learners = [PersistentLearner(await exchange.new_graduate(), over) for _ in range(LEARNERS)]
        happening = asyncio.create_task(happen(around, seed, 60 * minutes, say, over))
        results = await asyncio.gather(
            *(live(around, first, awards, learners, over) for first in list(learners)),
            return_exceptions=True,
        )
        await happening
        met = sum((Counter(one.met) for one in learners), Counter[int]())
        failures = [repr(result) for result in results if isinstance(result, BaseException)]
        verdicts = Counter(
            verdict for result in results if not isinstance(result, BaseException) for verdict in result
        )
        say(f"met by learners, by status (0: no answer): {dict(met)}")
        refusals = sum((one.refusals for one in learners), Counter[str]())
        say("\n".join(f"  {number:>5} times {why}" for why, number in refusals.most_common(MOST_SAID)))
        say(f"done at the edges: {sums(around.edges.values())}; disks lost: {around.disks_lost}")
        begun_again = sum(one.begun_again for one in learners)
        say(f"links followed again: {begun_again}")
        say(f"learners {len(learners)}, verdicts {dict(verdicts)}, gave up: {failures}")
        auditor = Auditor(exchange, own)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
    say(f"the auditor, SEED={seed}:\n{findings}")
    assert not failures
    assert set(verdicts) == {"accepted"}
    assert not findings.complaints
    assert not begun_again or around.disks_lost, "nothing may be lost on the way but with a disk"


@asynccontextmanager
async def world(home: Path, database: str | None, cluster: Cluster | None, seed: int) -> AsyncIterator[World]:
    """A running exchange whose parties meet only at edges that can fail."""
    base = free_base_port()
    upstreams = {party: Ports(base).all()[party] for party in EDGES}
    async with edges_before(upstreams, seed) as edges:
        settings = {up_behind_edges.EDGES: json.dumps({party: edge.port for party, edge in edges.items()})}
        async with running_exchange(
            home, base, database, program=up_behind_edges.PROGRAM, settings=settings
        ) as exchange:
            yield World(exchange, edges, cluster)


def _say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(text, flush=True)  # noqa: T201  what a long run is for


async def happen(around: World, seed: int, seconds: float, say: Say, over: asyncio.Event) -> None:
    """Let the faults of so many seconds happen; those that last may overlap."""
    passed = 0.0  # by the faults' own time: a slow machine must not change which they are
    try:
        async with asyncio.TaskGroup() as group:
            for fault in faults(seed):
                passed += fault.pause
                if passed > seconds:
                    return
                await asyncio.sleep(fault.pause)
                say(f"  {fault}")
                group.create_task(around.befall(fault))
    finally:
        over.set()


async def live(
    around: World,
    learner: PersistentLearner,
    awards: list[ClaimableAward],
    learners: list[PersistentLearner],
    over: asyncio.Event,
) -> list[str]:
    """One learner after another claims and proves, until the faults are over; each ends what she began."""
    exchange, verdicts = around.exchange, []
    while True:
        await learner.claim(exchange.issuer, awards.pop().claim_url)
        _, verdict = await learner.prove(exchange.verifier)
        verdicts.append(verdict)
        if over.is_set() or not awards:
            return verdicts
        learner = PersistentLearner(await until(partial(newcomer, exchange), PATIENCE, "a new wallet"), over)
        learners.append(learner)


async def can_issue(exchange: RunningExchange) -> bool:
    return bool((await exchange.issuer_api.get("/v1/organisation"))["state"] == "ready")


async def newcomer(exchange: RunningExchange) -> HttpGraduate | None:
    try:
        return await exchange.new_graduate()
    except ServiceRefused:
        return None
