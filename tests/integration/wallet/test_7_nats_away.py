"""What an agent noted and could not send because NATS was away longer than it waits."""

import asyncio
from typing import Any

import httpx

from services.launcher.adapters.http_learner import HttpLearner
from tests.support.nats_server import NatsServer
from tests.support.wait import until
from tests.support.wallet import World

PATIENCE = 120.0
"""The wallet looks every half minute, and says again what waited at one look and still does at a later one."""


async def test_what_could_not_be_sent_goes_out_by_itself_when_nats_is_back(
    world: World, wallet_nats: NatsServer
) -> None:
    asks, answers = await world.new_learner(), await world.new_learner()
    offer, credential_exchange = await world.offer(asks, world.award("Zawadi"))
    held = await world.give(answers, world.award("Achieng"))
    request, proof_exchange = await world.ask(answers, world.proof_request())

    wallet_nats.stop()
    try:
        refusals = await asyncio.gather(
            called(world, asks, f"/v1/offers/{offer['id']}/accept", {}),
            called(
                world, answers, f"/v1/requests/{request['id']}/consent", {"choices": {"need_0": held["id"]}}
            ),
        )
    finally:
        wallet_nats.start()
    assert [(one.status_code, one.headers.get("retry-after")) for one in refusals] == [(503, "5")] * 2
    assert {one.json()["missing"] for one in refusals} == {"the agent"}

    async def asked() -> bool:
        found = await world.issuer.admin.get(f"/issue-credential-2.0/records/{credential_exchange}")
        return bool(found["cred_ex_record"]["state"] == "request-received")

    async def answered() -> bool:
        found = await world.verifier.admin.get(f"/present-proof-2.0/records/{proof_exchange}")
        return bool(found["state"] == "presentation-received")

    await until(asked, PATIENCE, "the issuer has the request that was noted only")
    await until(answered, PATIENCE, "the verifier has the answer that was noted only")
    await world.issue(credential_exchange)
    asks._offer = offer["id"]
    credential = await asks.credential(30)
    assert [one["id"] for one in await asks.credentials()] == [credential["id"]]
    await world.presented(proof_exchange)


async def called(world: World, learner: HttpLearner, path: str, body: dict[str, Any]) -> httpx.Response:
    """One call, without the patience a program has with a 503."""
    headers = learner._opened()._headers
    return await world.client.post(f"{world.url}{path}", json=body, headers=headers, timeout=60)
