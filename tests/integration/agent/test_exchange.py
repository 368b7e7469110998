"""Real agents over JetStream, HTTP and did:webvh: connect, issue, present; crash in between."""

import asyncio
import json
import time
from typing import Any

import pytest

from shared.adapters.acapy_client import AgentRefused
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from tests.support.agents import Party
from tests.support.flows import (
    accept,
    active_registry,
    connect,
    exchange,
    new_learner,
    offer,
    prepare_issuing,
    present,
    proof_request,
    request_proof,
)
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_learner_is_issued_a_credential_and_proves_from_it(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    learner = await new_learner(wallet)

    at_issuer, at_learner = await connect(issuer, learner.api)
    exchange_id = await offer(issuer, at_issuer, cred_def_id, "Neema")
    await accept(issuer, learner, at_learner, exchange_id)

    at_verifier, at_learner = await connect(verifier, learner.api)
    asked = await request_proof(verifier, at_verifier, proof_request(cred_def_id))
    with pytest.raises(AgentRefused, match="Expected a presentation that waits for its verdict"):
        await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": True})
    presented = await present(learner, at_learner)
    received = await exchange(
        verifier.admin, "present-proof-2.0", "presentation-received", connection_id=at_verifier
    )
    assert received["by_format"]["pres"]["anoncreds"]["requested_proof"]["revealed_attr_groups"]
    assert "verified" not in received

    assert await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": True}) == {
        "state": "done"
    }
    done = await exchange(learner.api, "present-proof-2.0", "done", connection_id=at_learner)
    assert done["pres_ex_id"] == presented
    assert done["verified"] == "true"
    with pytest.raises(AgentRefused, match="409"):
        await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": False})
    with pytest.raises(AgentRefused, match="No exchange has this id"):
        await verifier.admin.post("/ujuzi/presentations/unknown/close", {"verified": True})
    with pytest.raises(AgentRefused, match="Expected"):
        await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": "true"})
    with pytest.raises(AgentRefused, match="No registry of ours has this id"):
        await issuer.admin.post("/ujuzi/status/republish", {"rev_reg_id": "did:webvh:x/resources/none"})


async def test_ten_learners_claim_and_prove_at_once_and_nothing_is_lost(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]

    async def claim_and_prove() -> None:
        learner = await new_learner(wallet)
        at_issuer, at_learner = await connect(issuer, learner.api)
        await accept(issuer, learner, at_learner, await offer(issuer, at_issuer, cred_def_id, "Neema"))
        at_verifier, at_learner = await connect(verifier, learner.api)
        await request_proof(verifier, at_verifier, proof_request(cred_def_id))
        await present(learner, at_learner)
        await exchange(
            verifier.admin, "present-proof-2.0", "presentation-received", connection_id=at_verifier
        )

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(claim_and_prove())

    async def all_handled() -> bool:
        streams = [await party.bus.js.stream_info("DIDCOMM_IN") for party in parties.values()]
        return not any(stream.state.messages for stream in streams)

    await until(all_handled, 30, "every envelope is handled")


async def test_a_revoked_credential_is_published_and_its_holder_told(parties: dict[str, Party]) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    cred_def_id = await prepare_issuing(issuer, revocable=True)
    rev_reg_id = await active_registry(issuer, cred_def_id)
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    exchange_id = await offer(issuer, at_issuer, cred_def_id, "Neema")
    await accept(issuer, learner, at_learner, exchange_id)
    tails = wallet.agent.folder / "store" / "tails"
    assert list(tails.glob("*"))

    at_verifier, to_verifier = await connect(verifier, learner.api)
    request = proof_request(cred_def_id) | {"non_revoked": {"from": 0, "to": int(time.time())}}
    await request_proof(verifier, at_verifier, request)
    await present(learner, to_verifier)
    received = await exchange(
        verifier.admin, "present-proof-2.0", "presentation-received", connection_id=at_verifier
    )
    assert received["by_format"]["pres"]["anoncreds"]["identifiers"][0]["timestamp"]

    first = (await issuer.admin.post("/ujuzi/status/republish", {"rev_reg_id": rev_reg_id}))["timestamp"]
    assert abs(first - time.time()) < 5
    await issuer.admin.post(
        "/anoncreds/revocation/revoke",
        {
            "cred_ex_id": exchange_id,
            "publish": True,
            "notify": True,
            "connection_id": at_issuer,
            "comment": "awarded by mistake",
        },
    )
    host_map = json.loads(issuer.agent.environment["AGENT_HOST_MAP"])
    async with GuardedClient(host_map) as client:
        newest = await WebvhResolver(client).newest_status_list(rev_reg_id)
    assert sum(newest.content["revocationList"]) == 1

    async def told() -> list[dict[str, Any]]:
        notes: list[dict[str, Any]] = (await learner.api.get("/ujuzi/notes/revocation-notices"))["notes"]
        return notes

    [notice] = await until(told, 30, "the learner is told")
    assert notice["value"]["comment"] == "awarded by mistake"
