"""When a running exchange has come to rest after whatever befell it."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import httpx

from tests.support.auditor import Auditor
from tests.support.exchange import RunningExchange
from tests.support.patient_learner import PATIENCE, PatientLearner
from tests.support.wait import until


async def at_rest(exchange: RunningExchange, auditor: Auditor, learners: Sequence[PatientLearner]) -> None:
    """Return when all is worked off; what never will be is the auditor's to tell."""
    await until(partial(ready, exchange), PATIENCE, "every service is ready")
    for one in learners:
        await one.insist(one.learner.inbox, "her wallet open")
    with suppress(AssertionError):
        await until(partial(nothing_waits, auditor), PATIENCE, "nothing waits")


async def nothing_waits(auditor: Auditor) -> bool:
    return not await auditor.what_waits()


async def ready(exchange: RunningExchange) -> bool:
    try:
        answers = [
            await exchange.client.get(f"{exchange.endpoints[one]}/ready")
            for one in ("issuer", "wallet", "verifier", "trust_registry")
        ]
    except httpx.HTTPError:
        return False
    return all(answer.status_code == httpx.codes.OK for answer in answers)
