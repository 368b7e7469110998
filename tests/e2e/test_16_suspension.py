"""An award does not count for a while: verifiers refuse it, its learner knows why, and afterwards it counts again."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from services.launcher.adapters.http_graduate import HttpGraduate
from services.launcher.domain.story import JUNIOR, ClaimableAward, Verdict
from services.launcher.errors import ServiceRefused
from tests.support.exchange import RunningExchange
from tests.support.wait import until

SECONDS = 60
DOUBT, NO_DOUBT = "We are checking your attendance.", "Your attendance was in order."


async def issued(exchange: RunningExchange, award: ClaimableAward) -> HttpGraduate:
    """A graduate who has taken this award."""
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    await shown(exchange, award, lambda found: found["state"] == "issued", "the award is issued")
    return graduate


async def shown(
    exchange: RunningExchange, award: ClaimableAward, wanted: Callable[[dict[str, Any]], object], what: str
) -> dict[str, Any]:
    """Wait until the award says so."""

    async def so() -> dict[str, Any] | None:
        found = await exchange.issuer_api.get(f"/v1/awards/{award.id}")
        return found if wanted(found) else None

    return await until(so, SECONDS, what)


async def suspend(exchange: RunningExchange, award: ClaimableAward) -> dict[str, Any]:
    await exchange.issuer_api.post(f"/v1/awards/{award.id}/suspend", {"reason": DOUBT})
    return await shown(
        exchange, award, lambda found: found["suspension"]["published_at"], "the suspension is published"
    )


async def reinstate(exchange: RunningExchange, award: ClaimableAward) -> dict[str, Any]:
    await exchange.issuer_api.post(f"/v1/awards/{award.id}/reinstate", {"reason": NO_DOUBT})
    return await shown(
        exchange, award, lambda found: found["reinstatement"]["published_at"], "the award counts again"
    )


async def says(graduate: HttpGraduate, state: str, why: str) -> dict[str, Any]:
    """Wait until her wallet says so."""

    async def so() -> dict[str, Any] | None:
        (held,) = await graduate.learner.credentials()
        status: dict[str, Any] = held["status"]
        return status if (status["state"], status["why"]) == (state, why) else None

    return await until(so, SECONDS, f"her wallet says that it is {state}, and why")


async def proof(exchange: RunningExchange, graduate: HttpGraduate) -> Verdict:
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    return await exchange.verifier.verdict(request_id)


async def test_a_suspended_award_is_refused_and_a_new_proof_holds_when_it_is_reinstated(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await issued(exchange, award)
    assert (await proof(exchange, graduate)).result == "accepted"

    suspended = await suspend(exchange, award)
    assert (suspended["state"], suspended["suspension"]["reason"]) == ("issued", DOUBT)
    refused = await proof(exchange, graduate)
    assert refused.result == "rejected"
    (deciding,) = refused.deciding
    assert "the proof is invalid, or a credential is revoked or suspended" in deciding.reason
    status = await says(graduate, "suspended", DOUBT)
    assert status["since"] == suspended["suspension"]["requested_at"]
    assert "does not count until it is reinstated" in status["reason"]

    again = await reinstate(exchange, award)
    assert (again["state"], again["suspension"]) == ("issued", None)
    assert [event["what"] for event in again["history"]][-2:] == ["suspended", "reinstated"]
    status = await says(graduate, "valid", NO_DOUBT)
    assert "it is valid again since" in status["reason"]
    assert (await proof(exchange, graduate)).result == "accepted"


async def test_a_killed_agent_and_issuer_leave_what_was_ordered_last(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await issued(exchange, award)
    os.kill(exchange.programs()["issuer-agent"], signal.SIGKILL)
    await exchange.issuer_api.post(f"/v1/awards/{award.id}/suspend", {"reason": DOUBT})
    await says(graduate, "suspended", DOUBT)
    assert (await proof(exchange, graduate)).result == "rejected"

    await exchange.issuer_api.post(f"/v1/awards/{award.id}/reinstate", {"reason": NO_DOUBT})
    os.kill(exchange.programs()["issuer"], signal.SIGKILL)
    await says(graduate, "valid", NO_DOUBT)
    assert (await proof(exchange, graduate)).result == "accepted"


async def test_a_revocation_of_a_suspended_award_is_final_and_told_as_one(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await issued(exchange, award)
    await suspend(exchange, award)
    await says(graduate, "suspended", DOUBT)

    await exchange.issuer_api.post(f"/v1/awards/{award.id}/revoke", {"reason": "It was another person's."})
    await shown(
        exchange, award, lambda found: found["revocation"]["published_at"], "the revocation is published"
    )
    await says(graduate, "revoked", "It was another person's.")
    assert (await proof(exchange, graduate)).result == "rejected"
    with pytest.raises(ServiceRefused, match="is revoked, which cannot be taken back"):
        await exchange.issuer_api.post(f"/v1/awards/{award.id}/reinstate", {"reason": NO_DOUBT})
