"""Real agents over JetStream, HTTP and did:webvh: connect, issue, present; crash in between."""

import pytest

from tests.support.agents import Party
from tests.support.flows import (
    accept,
    connect,
    exchange,
    new_learner,
    offer,
    prepare_issuing,
    present,
    proof_request,
    request_proof,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_learner_is_issued_a_credential_and_proves_from_it(parties: dict[str, Party]) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    cred_def_id = await prepare_issuing(issuer, revocable=False)
    learner = await new_learner(wallet)

    at_issuer, at_learner = await connect(issuer, learner.api)
    exchange_id = await offer(issuer, at_issuer, cred_def_id, "Neema")
    await accept(issuer, learner, at_learner, exchange_id)

    at_verifier, at_learner = await connect(verifier, learner.api)
    asked = await request_proof(verifier, at_verifier, proof_request(cred_def_id))
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
