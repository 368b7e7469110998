"""60 claims, then 60 presentations, all at once: none lost, none doubled, on both databases. Prints how fast it was."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, ClaimableAward
from services.launcher.errors import LauncherError
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange, make_awards, running_exchange
from tests.support.tally import announced
from tests.support.wait import until

AT_ONCE = 60
SECONDS = 240


@ON_BOTH_DATABASES
async def test_sixty_claims_and_sixty_presentations_at_once_lose_and_double_nothing(
    database: str | None, tmp_path: Path, spreadsheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_exchange(tmp_path, database=database and f"{database}/load") as exchange:
        exchange.patience = SECONDS
        await exchange.issuer.wait_until_it_can_issue()
        awards = (await make_awards(exchange.issuer, spreadsheet, AT_ONCE))[:AT_ONCE]
        graduates = [await exchange.new_graduate() for _ in awards]

        claims = await timed(partial(claim, exchange), graduates, awards)
        await until(partial(all_issued, exchange, awards), SECONDS, "the issuer knows that all are issued")
        held = [len(await graduate.learner.credentials()) for graduate in graduates]

        requests = [await exchange.verifier.ask(JUNIOR.body()) for _ in graduates]
        proofs = await timed(partial(present, exchange), graduates, requests)

        issued = await counted(exchange, "issuer", "events.credential.issued.v1", "award_id")
        judged = await counted(exchange, "verifier", "events.request.judged.v1", "request_id")

    with capsys.disabled():
        kind = "SQLite" if database is None else "PostgreSQL"
        print(  # noqa: T201  what this test is for
            f"\n{kind}, {AT_ONCE} at once on {os.cpu_count()} cores:\n"
            f"  claims         {claims}\n  presentations  {proofs}"
        )
    assert claims.results == ["stored"] * AT_ONCE
    assert held == [1] * AT_ONCE
    assert issued == {award.id: 1 for award in awards}
    assert proofs.results == ["accepted"] * AT_ONCE
    assert judged == {request_id: 1 for request_id, _ in requests}


async def claim(exchange: RunningExchange, graduate: HttpGraduate, award: ClaimableAward) -> str:
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    return "stored"


async def present(exchange: RunningExchange, graduate: HttpGraduate, request: tuple[str, str]) -> str:
    request_id, invitation_url = request
    await graduate.answer(invitation_url)
    return (await exchange.verifier.verdict(request_id)).result


async def all_issued(exchange: RunningExchange, awards: Sequence[ClaimableAward]) -> bool:
    states = [(await exchange.issuer_api.get(f"/v1/awards/{award.id}"))["state"] for award in awards]
    return states == ["issued"] * len(awards)


async def counted(exchange: RunningExchange, party: str, subject: str, about: str) -> Counter[str]:
    return await announced(exchange.home, exchange.endpoints["nats"], party, subject, about)


@dataclass(frozen=True)
class Timed:
    """What came of many things at once, and how long each took."""

    results: list[str]
    seconds: list[float]
    together: float

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        half, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        return f"{len(ordered) / self.together:.1f}/s, p50 {half:.1f} s, p95 {most:.1f} s"


async def timed[T](
    do: Callable[[HttpGraduate, T], Awaitable[str]], graduates: Sequence[HttpGraduate], things: Sequence[T]
) -> Timed:
    """Do all at once. What raises is a result too: the rest must not be lost with it."""

    async def one(graduate: HttpGraduate, thing: T) -> tuple[str, float]:
        began = time.monotonic()
        try:
            result = await do(graduate, thing)
        except LauncherError as error:
            result = str(error)
        return result, time.monotonic() - began

    began = time.monotonic()
    done = await asyncio.gather(*(one(*pair) for pair in zip(graduates, things, strict=True)))
    results, seconds = zip(*done, strict=True)
    return Timed(list(results), list(seconds), time.monotonic() - began)
