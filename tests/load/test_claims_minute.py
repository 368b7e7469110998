"""200 claims arrive within one minute, as when a cohort is told at once: none lost, none doubled, and those who wait can see for how long.

CLAIMS=… changes how many; they arrive at the same pace. Prints how long they took and how well the wait was told.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from services.launcher.domain.story import ClaimableAward
from tests.load.course import run
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.exchange import RunningExchange, make_awards, running_exchange
from tests.support.patient_learner import STEPS, PatientLearner

CLAIMS = int(os.environ.get("CLAIMS") or 200)
A_MINUTE = 200
SECONDS = 900


@dataclass
class Told:
    """What an officer and those who wait are told while many claim."""

    exchange: RunningExchange
    waiting: list[tuple[int, int | None]] = field(default_factory=list)
    """People and seconds, as the officer sees them."""
    people: int = 0
    seconds: int = 0
    """The most a learner was told."""

    async def watch(self, awards: Sequence[ClaimableAward]) -> None:
        """Ask every other second, as an officer and as some of the learners, until cancelled."""
        while True:
            found = await self.exchange.issuer_api.get("/v1/claims/queue")
            self.waiting.append((found["waiting"], found["seconds"]))
            for award in awards[:: max(1, len(awards) // 5)]:
                told = await self.exchange.issuer_api.get(f"{award.claim_url}/wait")
                self.people, self.seconds = (
                    max(self.people, told["people"]),
                    max(self.seconds, told["seconds"] or 0),
                )
            await asyncio.sleep(2)

    def __str__(self) -> str:
        most, seconds = max(self.waiting, key=lambda each: each[0])
        return (
            f"{most} people at most, then {seconds} s by the pace of the last minute; a learner was told of "
            f"{self.people} people and {self.seconds} s at most"
        )


async def test_two_hundred_claims_arriving_in_one_minute_are_all_issued_and_the_wait_is_told(
    tmp_path: Path, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_exchange(tmp_path) as exchange:
        exchange.patience = SECONDS
        await exchange.issuer.wait_until_it_can_issue()
        awards = (await make_awards(exchange.issuer, spreadsheet, CLAIMS))[:CLAIMS]
        learners = [
            PatientLearner(await exchange.new_graduate(), look=SECONDS, patience=SECONDS) for _ in awards
        ]

        async def arrive(number: int) -> float:
            await asyncio.sleep(number * 60 / A_MINUTE)
            began = time.monotonic()
            await learners[number].claim(exchange.issuer, awards[number].claim_url)
            return time.monotonic() - began

        before = os.getloadavg()[0]
        told = Told(exchange)
        watching = asyncio.create_task(told.watch(awards))
        course = await run(
            exchange, learners, [partial(arrive, number) for number in range(CLAIMS)],
            steps=STEPS["claim"], kills=(), seconds=SECONDS,
        )  # fmt: skip
        watching.cancel()
        auditor = Auditor(exchange, None)
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
        states = Counter([(await exchange.issuer_api.get(f"/v1/awards/{one.id}"))["state"] for one in awards])
    took = sorted(course.results)
    with capsys.disabled():
        print(  # noqa: T201  what this test is for
            f"\n{CLAIMS} claims, {A_MINUTE} a minute, on {os.cpu_count()} cores, load average before {before:.1f}, "
            f"after {os.getloadavg()[0]:.1f}:\n  issued {states['issued']}, lost {CLAIMS - states['issued']}\n"
            f"  from the link to the stored credential: p50 {took[len(took) // 2]:.1f} s, "
            f"p95 {took[int(len(took) * 0.95)]:.1f} s\n  together {course.together:.0f} s, {course}\n"
            f"  the queue: {told}\n  most memory, MiB: "
            f"{', '.join(f'{name} {size // 2**20}' for name, size in course.peaks.items())}\n{findings}"
        )
    assert course.failures == []
    assert states == {"issued": CLAIMS}
    assert not findings.complaints
