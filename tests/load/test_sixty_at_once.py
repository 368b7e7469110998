"""60 claims, then 60 presentations, all at once, on both databases: none lost, none doubled.

Once undisturbed, and once while each of the eight programs is killed (-9) in turn. Prints how fast it was.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.faults.faults import PROGRAMS
from tests.load.course import run
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.exchange import ON_BOTH_DATABASES, make_awards, running_exchange
from tests.support.patient_learner import STEPS, PatientLearner

AT_ONCE = 60
SECONDS = 900
"""For all claims together, and for all presentations; with every kill."""
LOOK_SECONDS = {"undisturbed": 240.0, "killed": 8.0}

KILLED = pytest.mark.parametrize("kills", [(), PROGRAMS], ids=["undisturbed", "each-killed"])


@ON_BOTH_DATABASES
@KILLED
async def test_sixty_claims_and_sixty_presentations_at_once_lose_and_double_nothing(
    database: str | None,
    kills: Sequence[str],
    tmp_path: Path,
    spreadsheet: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    look = LOOK_SECONDS["killed" if kills else "undisturbed"]
    own = database and f"{database}/{'killed' if kills else 'undisturbed'}"
    async with running_exchange(tmp_path, database=own) as exchange:
        exchange.patience = look
        await exchange.issuer.wait_until_it_can_issue()
        awards = (await make_awards(exchange.issuer, spreadsheet, AT_ONCE))[:AT_ONCE]
        learners = [
            PatientLearner(await exchange.new_graduate(), look=look, patience=SECONDS) for _ in awards
        ]

        claims = await run(
            exchange, learners,
            [partial(one.claim, exchange.issuer, award.claim_url) for one, award in zip(learners, awards, strict=True)],
            steps=STEPS["claim"], kills=kills, seconds=SECONDS,
        )  # fmt: skip
        proofs = await run(
            exchange, learners, [partial(one.prove, exchange.verifier) for one in learners],
            steps=STEPS["prove"], kills=kills, seconds=SECONDS,
        )  # fmt: skip

        auditor = Auditor(exchange, own)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
        awards_now = Counter(
            [(await exchange.issuer_api.get(f"/v1/awards/{one.id}"))["state"] for one in awards]
        )

    met = sum((Counter(one.met) for one in learners), Counter[int]())
    with capsys.disabled():
        print(  # noqa: T201  what this test is for
            f"\n{'SQLite' if database is None else 'PostgreSQL'}, {AT_ONCE} at once on {os.cpu_count()} cores"
            f"{', each program killed once in each course' * bool(kills)}:\n"
            f"  claims         {claims}\n  presentations  {proofs}\n"
            f"  most memory, MiB: {in_mib(claims.peaks, proofs.peaks)}\n"
            f"  refused or unanswered, by status: {dict(met)}\n{findings}"
        )
    assert claims.failures == proofs.failures == []
    assert awards_now == {"issued": AT_ONCE}
    assert Counter(verdict for _, verdict in proofs.results) == {"accepted": AT_ONCE}
    assert len({request_id for request_id, _ in proofs.results}) == AT_ONCE
    assert not findings.complaints
    if not kills:
        assert not met
    for course in (claims, proofs):
        assert [kill.program for kill in course.kills] == list(kills)
        assert all(kill.unfinished >= AT_ONCE // 3 for kill in course.kills)


def in_mib(*peaks: Mapping[str, int]) -> str:
    most = {program: max(one.get(program, 0) for one in peaks) for program in PROGRAMS}
    return ", ".join(f"{program} {size // 2**20}" for program, size in most.items())
