"""A part goes away in the middle of an exchange and comes back: nothing is lost, doubled or left half done.

Away twice: from an offer that waits to a credential that is being issued, and from a question that waits to an answer that
is being judged. Whoever is answered 503 sends the same again, as told; nobody does anything else.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.launcher.domain.story import JUNIOR, ClaimableAward
from tests.faults.learner import chosen
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange
from tests.support.patient_learner import PatientLearner
from tests.support.postgres import Cluster
from tests.support.wait import until

SECONDS = 60
AWAY_SECONDS = 2.0
"""At least; it is away until the call made meanwhile is answered."""

type Away = Callable[[], AbstractAsyncContextManager[object]]


@asynccontextmanager
async def ended(exchange: RunningExchange, *programs: str) -> AsyncIterator[None]:
    """These programs are not there. The launcher would start them again: it is stopped meanwhile."""
    for program in programs:
        await until(
            partial(runs, exchange, program), SECONDS, f"{program} runs again since it was away before"
        )
    os.kill(exchange.process.pid, signal.SIGSTOP)
    try:
        for program in programs:
            os.kill(exchange.programs()[program], signal.SIGKILL)
        yield
    finally:
        os.kill(exchange.process.pid, signal.SIGCONT)


async def runs(exchange: RunningExchange, program: str) -> bool:
    return program in exchange.programs()


@asynccontextmanager
async def locked(exchange: RunningExchange) -> AsyncIterator[None]:
    """Somebody else holds the write lock of every service's file."""
    async with AsyncExitStack() as stack:
        for file in exchange.home.glob("*/service.db"):
            other = stack.enter_context(closing(_connection(file)))
            await asyncio.to_thread(other.execute, "begin immediate")
        yield


def _connection(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=SECONDS, check_same_thread=False)


@asynccontextmanager
async def stopped(cluster: Cluster) -> AsyncIterator[None]:
    """PostgreSQL is not there."""
    await asyncio.to_thread(cluster.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(cluster.start)


@pytest.mark.parametrize(
    "programs",
    [
        ("nats",),
        ("issuer-agent", "verifier-agent"),
        ("wallet-agent",),
        ("trust-registry",),
        ("issuer",),
    ],
    ids=["NATS", "the others' agents", "her own agent", "the trust registry", "the issuer's host"],
)
async def test_an_exchange_goes_on_when_a_program_that_was_away_is_back(
    exchange: RunningExchange, awards: list[ClaimableAward], programs: tuple[str, ...]
) -> None:
    await one_exchange(exchange, awards.pop(), partial(ended, exchange, *programs))


@ON_BOTH_DATABASES
async def test_an_exchange_goes_on_when_the_database_that_was_away_is_back(
    exchange: RunningExchange,
    awards: list[ClaimableAward],
    database: str | None,
    request: pytest.FixtureRequest,
) -> None:
    away: Away = partial(locked, exchange)
    if database is not None:
        away = partial(stopped, request.getfixturevalue("postgres_server"))
    await one_exchange(exchange, awards.pop(), away)


async def one_exchange(exchange: RunningExchange, award: ClaimableAward, away: Away) -> None:
    """One credential and one verdict come of it, each step noted once."""
    graduate = await exchange.new_graduate()
    learner, patient = graduate.learner, PatientLearner(graduate)

    await learner.open_link(await exchange.issuer.claim(award.claim_url))
    offer = await learner.offer(SECONDS)
    async with lasting(away):
        began = await called(
            exchange, graduate.learner._opened()._headers, f"offers/{offer['id']}/accept", {}
        )
    if not began:
        await patient.insist(patient.once(lambda: learner.accept(offer["id"])), "the offer accepted")
    await patient.settled(learner.offers, offer["id"], {"stored"})

    request_id, link = await patient.insist(lambda: exchange.verifier.ask(JUNIOR.body()), "a request")
    await patient.insist(lambda: learner.open_link(link), "the invitation followed")
    request = await patient.insist(patient.answerable, "the request")
    choices = chosen(request)
    async with lasting(away):
        body = {"choices": choices}
        began = await called(exchange, learner._opened()._headers, f"requests/{request['id']}/consent", body)
    if not began:
        await patient.insist(
            patient.once(lambda: learner.consent(request["id"], choices)), "the answer given"
        )
    verdict = await patient.insist(lambda: exchange.verifier.verdict(request_id), "the verdict")
    assert verdict.result == "accepted", verdict
    await patient.settled(learner.requests, request["id"], {"verified"})

    assert len(await patient.insist(learner.credentials, "her credentials")) == 1
    kinds = [entry["kind"] for entry in await learner.history()]
    assert sorted(kinds) == ["credential_stored", "offer_accepted", "shared"]

    async def issued() -> bool:
        return bool((await exchange.issuer_api.get(f"/v1/awards/{award.id}"))["state"] == "issued")

    await until(issued, SECONDS, "the issuer knows that it is stored")


@asynccontextmanager
async def lasting(away: Away) -> AsyncIterator[None]:
    """Away for some seconds, or longer if what is done meanwhile takes longer."""
    async with away():
        least = asyncio.create_task(asyncio.sleep(AWAY_SECONDS))
        yield
        await least


async def called(
    exchange: RunningExchange, headers: Mapping[str, str], path: str, body: Mapping[str, Any]
) -> bool:
    """Call the wallet once: True if it was done, False if she is to send the same again. Nothing else is allowed."""
    async with httpx.AsyncClient(base_url=exchange.endpoints["wallet"], timeout=SECONDS) as client:
        answer = await client.post(
            f"/v1/{path}", json=body, headers={**headers, "Idempotency-Key": uuid4().hex}
        )
        assert (await client.get("/health")).status_code == 200
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["missing"]
        return False
    assert answer.status_code == 202, answer.text
    return True
