"""What was lost on the way is said again; what comes again changes nothing and is answered as before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.adapters.acapy_client import AcapyClient, AcapyError, AgentRefused
from shared.adapters.jetstream import ensure_streams
from shared.contracts.streams import DIDCOMM_OUT, DIDCOMM_PARKED, parked_subject
from tests.support.agents import Party
from tests.support.flows import (
    connect,
    exchange,
    new_learner,
    offer,
    open_wallet,
    present,
    proof_request,
    request_proof,
)
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

CREDENTIAL, PRESENTATION = "issue-credential-2.0", "present-proof-2.0"


@asynccontextmanager
async def mute(party: Party) -> AsyncIterator[None]:
    """Inside, nothing the party's agent says is kept: what it sends is lost, what it noted about it is not."""
    config = (await party.bus.js.stream_info(DIDCOMM_OUT.name)).config
    config.subjects = ["nowhere.*"]
    await party.bus.js.update_stream(config)
    try:
        with pytest.raises(AcapyError):
            yield
    finally:
        await ensure_streams(party.bus.js)


async def repeat(api: AcapyClient, kind: str, record_id: str) -> bool:
    return bool((await api.post(f"/ujuzi/exchanges/{kind}/{record_id}/repeat", {}))["said"])


async def state(api: AcapyClient, record_id: str) -> str:
    found: dict[str, Any] = await api.get(f"/{CREDENTIAL}/records/{record_id}")
    return str(found["cred_ex_record"]["state"])


async def test_every_message_of_a_credential_exchange_that_was_lost_can_be_said_again(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)

    async with mute(issuer):
        await offer(issuer, at_issuer, cred_def_id, "Neema")
    found = (await issuer.admin.get(f"/{CREDENTIAL}/records", params={"connection_id": at_issuer}))["results"]
    ours = found[0]["cred_ex_record"]["cred_ex_id"]
    assert await repeat(issuer.admin, "credential", ours)
    offered = await exchange(learner.api, CREDENTIAL, "offer-received", connection_id=at_learner)
    theirs = offered["cred_ex_id"]

    async with mute(wallet):
        await learner.api.post(f"/{CREDENTIAL}/records/{theirs}/send-request", {})
    assert await state(learner.api, theirs) == "request-sent"
    assert await repeat(learner.api, "credential", theirs)
    await exchange(issuer.admin, CREDENTIAL, "request-received", connection_id=at_issuer)

    async with mute(issuer):
        await issuer.admin.post(f"/{CREDENTIAL}/records/{ours}/issue", {})
    assert await state(issuer.admin, ours) == "credential-issued"
    assert await repeat(learner.api, "credential", theirs)  # she asks again and is sent what was issued
    await exchange(learner.api, CREDENTIAL, "credential-received", connection_id=at_learner)
    assert await state(issuer.admin, ours) == "credential-issued"

    async with mute(wallet):
        await learner.api.post(f"/{CREDENTIAL}/records/{theirs}/store", {})
    assert await state(learner.api, theirs) == "done"
    assert await repeat(issuer.admin, "credential", ours)  # she has it already and says so again
    await exchange(issuer.admin, CREDENTIAL, "done", connection_id=at_issuer)

    assert await state(learner.api, theirs) == "done"
    assert len((await learner.api.get("/credentials"))["results"]) == 1
    assert not await repeat(issuer.admin, "credential", ours)


async def test_every_message_of_a_presentation_that_was_lost_can_be_said_again(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    learner = await new_learner(wallet)
    await credential(issuer, learner.api, cred_def_id)
    at_verifier, at_learner = await connect(verifier, learner.api)

    async with mute(verifier):
        await request_proof(verifier, at_verifier, proof_request(cred_def_id))
    found = (await verifier.admin.get(f"/{PRESENTATION}/records", params={"connection_id": at_verifier}))[
        "results"
    ]
    asked = found[0]["pres_ex_id"]
    assert await repeat(verifier.admin, "presentation", asked)

    async with mute(wallet):
        await present(learner, at_learner)
    answered = await exchange(learner.api, PRESENTATION, "presentation-sent", connection_id=at_learner)
    assert await repeat(verifier.admin, "presentation", asked)  # asked again, she answers as before
    await exchange(verifier.admin, PRESENTATION, "presentation-received", connection_id=at_verifier)

    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close", {})
    await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": True})
    await verifier.admin.delete(f"/{PRESENTATION}/records/{asked}")
    parked = parked_subject(learner.wallet_id)

    async def waits() -> bool:
        return bool((await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}"))["waiting"])

    await until(waits, 30, "the verdict waits for her")
    await wallet.bus.js.purge_stream(DIDCOMM_PARKED.name, subject=parked)
    await open_wallet(wallet, learner)
    assert await repeat(learner.api, "presentation", answered["pres_ex_id"])  # judged already: told again
    done = await exchange(learner.api, PRESENTATION, "done", connection_id=at_learner)
    assert done["verified"] == "true"
    assert not await repeat(learner.api, "presentation", answered["pres_ex_id"])


async def test_what_nobody_knows_is_not_said_again(parties: dict[str, Party]) -> None:
    for kind in ("credential", "presentation", "something-else"):
        with pytest.raises(AgentRefused, match="No exchange has this id"):
            await repeat(parties["issuer"].admin, kind, "unknown")


async def credential(issuer: Party, learner: AcapyClient, cred_def_id: str) -> None:
    """Held by the learner in the end."""
    at_issuer, at_learner = await connect(issuer, learner)
    ours = await offer(issuer, at_issuer, cred_def_id, "Neema")
    offered = await exchange(learner, CREDENTIAL, "offer-received", connection_id=at_learner)
    record = f"/{CREDENTIAL}/records/{offered['cred_ex_id']}"
    await learner.post(f"{record}/send-request", {})
    await exchange(issuer.admin, CREDENTIAL, "request-received", connection_id=at_issuer)
    await issuer.admin.post(f"/{CREDENTIAL}/records/{ours}/issue", {})
    await exchange(learner, CREDENTIAL, "credential-received", connection_id=at_learner)
    await learner.post(f"{record}/store", {})
