"""A wallet locked in the middle of an exchange goes on where it was when it is unlocked."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.errors import ServiceRefused
from tests.support.wait import until
from tests.support.wallet import World

LOCKED = 423


async def accepted(learner: HttpLearner, offer_id: str) -> None:
    """Accept it; a wallet that is being locked at that moment may refuse."""
    try:
        await learner.accept(offer_id)
    except ServiceRefused as refused:
        if refused.status != LOCKED:
            raise


async def waits_for_her(learner: HttpLearner) -> None:
    async def waits() -> bool:
        return bool((await learner.state())["waiting"] >= 1)

    await until(waits, 30, "an envelope waits for the locked wallet")


@pytest.mark.parametrize("locked", ["while she accepts", "before it is issued", "while it arrives"])
async def test_a_wallet_locked_in_the_middle_of_a_claim_gets_one_credential(
    world: World, locked: str
) -> None:
    learner = await world.new_learner()
    offer, exchange_id = await world.offer(learner, world.award("Neema"))

    if locked == "while she accepts":
        await asyncio.gather(accepted(learner, offer["id"]), learner.lock())
        await learner.unlock(world.passphrase)
        with suppress(ServiceRefused):  # accepted already, unless the lock was faster
            await learner.accept(offer["id"])
        learner._offer = offer["id"]
        await world.issue(exchange_id)
    elif locked == "before it is issued":
        await learner.accept(offer["id"])
        await learner.lock()
        await world.issue(exchange_id)
        await waits_for_her(learner)
        await learner.unlock(world.passphrase)
    else:
        await learner.accept(offer["id"])
        await asyncio.gather(world.issue(exchange_id), locked_soon(learner))
        await learner.unlock(world.passphrase)

    credential = await learner.credential(30)
    assert [one["id"] for one in await learner.credentials()] == [credential["id"]]
    assert await issued(world, exchange_id) == "done"
    assert [entry["kind"] for entry in await learner.history()].count("credential_stored") == 1


async def locked_soon(learner: HttpLearner) -> None:
    """Lock at some moment of what goes on beside."""
    await learner.offers()
    await learner.lock()


async def issued(world: World, exchange_id: str) -> str:
    async def done() -> str | None:
        found = await world.issuer.admin.get(f"/issue-credential-2.0/records/{exchange_id}")
        state: str = found["cred_ex_record"]["state"]
        return state if state == "done" else None

    return await until(done, 30, "the issuer knows that it is stored")


async def test_a_wallet_locked_in_the_middle_of_a_proof_gives_one_answer_and_learns_its_outcome(
    world: World,
) -> None:
    learner = await world.new_learner()
    credential = await world.give(learner, world.award("Chipo"))
    request, exchange_id = await world.ask(learner, world.proof_request())

    await asyncio.gather(answered(learner, request, credential), learner.lock())
    await learner.unlock(world.passphrase)
    await answered(learner, request, credential)
    await learner.lock()
    await world.presented(exchange_id)
    await world.verifier.admin.post(f"/ujuzi/presentations/{exchange_id}/close", {"verified": True})
    await waits_for_her(learner)
    await learner.unlock(world.passphrase)

    async def told() -> bool:
        return bool((await learner.history())[0]["outcome"] == "accepted as proof")

    await until(told, 30, "the learner is told the outcome")
    assert [entry["kind"] for entry in await learner.history()].count("shared") == 1


async def answered(learner: HttpLearner, request: dict[str, Any], credential: dict[str, Any]) -> None:
    """Consent; a wallet that is being locked at that moment may refuse."""
    try:
        await learner.consent(request["id"], {"need_0": credential["id"]})
    except ServiceRefused as refused:
        if refused.status != LOCKED:
            raise
