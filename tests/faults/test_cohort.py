"""Issuer, agent or NATS are killed (-9) while a cohort goes from its spreadsheet to its wallets: one credential a graduate all the same.

SEED=… repeats the kills of a run, ROWS=… and KILLS=… make it long (`make cohort`). The short pass is part of CI.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.errors import ServiceRefused
from tests.faults.cohort import FILE, Killer, Officer, address, by_time, claim_link, family_name, kills_of
from tests.support import up_behind_edges
from tests.support.at_rest import at_rest
from tests.support.auditor import Auditor
from tests.support.exchange import ON_BOTH_DATABASES, RunningExchange, publish_programme, running_exchange
from tests.support.patient_learner import PATIENCE, PatientLearner
from tests.support.smtp_server import PASSWORD, USER, MailServerForTests, running_mail_server
from tests.support.wait import until

ROWS = int(os.environ.get("ROWS") or 60)
KILLS = int(os.environ.get("KILLS") or 3)
AT_ONCE = 16
"""Graduates who claim at the same time."""
LOOK_SECONDS = 8.0
SECONDS = PATIENCE + ROWS
MANY_FROM_HERE = {"WALLET_NEW_WALLETS_A_DAY_OF_ONE_ADDRESS": str(10 * ROWS)}
"""Every graduate's wallet is made from this machine."""


@ON_BOTH_DATABASES
async def test_whatever_is_killed_each_graduate_gets_her_message_and_one_credential(
    tmp_path: Path, database: str | None, request: pytest.FixtureRequest
) -> None:
    say = partial(_say, request.getfixturevalue("capsys"))
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    kind, load = "PostgreSQL" if database else "SQLite", os.getloadavg()[0]
    say(f"\nSEED={seed} ROWS={ROWS} KILLS={KILLS} on {kind}, load average before {load:.1f}")
    own = database and f"{database}/cohort"
    took: dict[str, float] = {}
    async with exchange_with_mail(tmp_path, own) as (exchange, mails):
        exchange.patience = LOOK_SECONDS
        await exchange.issuer.wait_until_it_can_issue()
        template_id = await publish_programme(exchange.issuer)
        auditor = Auditor(exchange, own)
        killer = Killer(exchange, auditor.url("issuer"), list(kills_of(seed, KILLS)), say)
        officer = Officer(exchange, ROWS)
        with measured(took, "prepared"):
            killing = asyncio.create_task(killer.during("preparing", by_time(ROWS)))
            batch_id = await officer.upload(template_id)
            await officer.prepare(batch_id, SECONDS)
            await killing
        with measured(took, "sent and claimed"):
            learners = await claimed(exchange, mails, killer, officer.send(batch_id))
        await at_rest(exchange, auditor, learners)
        findings = await auditor.audit([one.learner for one in learners])
        awards, batches = await officer.awards(batch_id), await officer.batches()
        credentials = [len(await one.learner.credentials()) for one in learners]
        messages = (await exchange.issuer_api.get(f"/v1/batches/{batch_id}/delivery"))["messages"]

    by_graduate = Counter(one.recipient for one in mails.received)
    met = sum((Counter(one.met) for one in learners), Counter[int]())
    say(
        f"  {', '.join(f'{what} in {seconds:.1f} s' for what, seconds in took.items())}; load average after "
        f"{os.getloadavg()[0]:.1f}\n  without an answer: the officer's {dict(officer.broken_off)}, learners', by "
        f"status, {dict(met)}; offers that broke off and were begun anew: {sum(one.begun_anew for one in learners)}"
        f"\n  mails {by_graduate.total()}, copies {by_graduate.total() - ROWS}, noted as {messages}\n{findings}"
    )
    assert len(killer.done) == KILLS
    assert [(one["file_name"], one["state"], one["rows"]) for one in batches] == [(FILE, "prepared", ROWS)]
    assert sorted(one["family_name"] for one in awards) == sorted(map(family_name, range(ROWS)))
    assert {one["state"] for one in awards} == {"issued"}
    assert credentials == [1] * ROWS
    assert not findings.complaints
    in_hand = sum(kill.program == "issuer" for kill in killer.done)
    noted = Counter({(one["kind"], one["state"]): one["count"] for one in messages})
    assert noted.total() == ROWS
    # Who claimed with a mail of which only its server knows is not written to again: that stands there as not sent.
    assert ROWS - noted["claim_link", "sent"] == noted["claim_link", "failed"] <= in_hand
    assert by_graduate.keys() == set(map(address, range(ROWS)))
    assert by_graduate.total() - ROWS <= in_hand, "a kill doubles the one message in hand at most"
    for to in by_graduate:
        assert len({one.mail["Message-ID"] for one in mails.to(to)}) == 1, "a copy can be recognised as one"


async def claimed(
    exchange: RunningExchange, mails: MailServerForTests, killer: Killer, sending: Coroutine[Any, Any, None]
) -> list[PatientLearner]:
    """Send, and let each graduate claim with what came in her mail; return them all."""
    learners: list[PatientLearner] = []
    stored: list[int] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def graduate(number: int) -> None:
        async with gate:
            link = await until(partial(claim_link, mails, number), SECONDS, f"mail to {address(number)}")
            wallet = await until(partial(newcomer, exchange), PATIENCE, "a new wallet")
            learners.append(learner := PatientLearner(wallet, look=LOOK_SECONDS, patience=SECONDS))
            await learner.claim(exchange.issuer, link)
            stored.append(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(killer.during("sending", lambda: len({m.recipient for m in mails.received}) / ROWS))
        group.create_task(killer.during("claiming", lambda: len(stored) / ROWS))
        group.create_task(sending)
        for number in range(ROWS):
            group.create_task(graduate(number))
    return learners


@contextmanager
def measured(took: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    took[what] = time.monotonic() - began


@asynccontextmanager
async def exchange_with_mail(
    home: Path, database: str | None
) -> AsyncIterator[tuple[RunningExchange, MailServerForTests]]:
    """A running exchange whose issuer writes to graduates by a mail server."""
    folder = home / "mail"
    folder.mkdir()
    async with running_mail_server(folder) as mails:
        mail = {
            "ISSUER_MAIL_HOST": "127.0.0.1",
            "ISSUER_MAIL_PORT": str(mails.port),
            "ISSUER_MAIL_USER": USER,
            "ISSUER_MAIL_PASSWORD": PASSWORD,
            "ISSUER_MAIL_CA_FILE": mails.ca_file,
            "ISSUER_MAIL_FROM": "awards@ngo.example",
        }
        settings = {up_behind_edges.MORE_SETTINGS: json.dumps({"issuer": mail, "wallet": MANY_FROM_HERE})}
        async with running_exchange(
            home / "exchange", database=database, program=up_behind_edges.PROGRAM, settings=settings
        ) as exchange:
            yield exchange, mails


async def newcomer(exchange: RunningExchange) -> HttpGraduate | None:
    try:
        return await exchange.new_graduate()
    except ServiceRefused:
        return None


def _say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(text, flush=True)  # noqa: T201  what a long run is for
