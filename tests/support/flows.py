"""What services do through their agents' admin APIs, step by step, for tests of the agents themselves."""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import base58

from shared.adapters.acapy_client import AcapyClient, AgentRefused, AgentUnavailable, in_path
from tests.support.agents import Party
from tests.support.wait import until


@dataclass
class Learner:
    """A sealed wallet and its key."""

    wallet_id: str
    key: str
    api: AcapyClient


def new_key() -> str:
    """A wallet key."""
    return str(base58.b58encode(os.urandom(32)).decode())


async def new_learner(wallet: Party) -> Learner:
    """A learner with an open wallet."""
    key = new_key()
    made = await wallet.admin.post("/ujuzi/wallets", {"wallet_key": key})
    learner = Learner(made["wallet_id"], key, wallet.admin)
    await open_wallet(wallet, learner)
    return learner


async def open_wallet(wallet: Party, learner: Learner) -> None:
    """Open it and wait until everything that waited is handled."""
    opened = await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/open", {"wallet_key": learner.key})
    learner.api = wallet.admin.with_token(opened["token"])
    await settled(wallet, learner)


async def settled(wallet: Party, learner: Learner) -> None:
    """Wait until the wallet is open and nothing waits for it."""

    async def ready() -> bool:
        state = await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}")
        return bool(state == {"state": "open", "waiting": 0})

    await until(ready, 30, "the wallet has taken in what waited")


async def invite(inviter: Party) -> dict[str, Any]:
    """A single-use out-of-band invitation."""
    made: dict[str, Any] = await inviter.admin.post(
        "/out-of-band/create-invitation",
        {"handshake_protocols": ["https://didcomm.org/didexchange/1.1"]},
        params={"auto_accept": True, "multi_use": False},
    )
    return made


async def connect(inviter: Party, invitee: AcapyClient) -> tuple[str, str]:
    """Connection ids at both ends, both ends ready."""
    made = await invite(inviter)
    received = await invitee.post(
        "/out-of-band/receive-invitation",
        made["invitation"],
        params={"auto_accept": True, "use_existing_connection": False},
    )
    theirs = received["connection_id"]

    async def at_inviter() -> str | None:
        found = await inviter.admin.get("/connections", params={"invitation_msg_id": made["invi_msg_id"]})
        return next(
            (one["connection_id"] for one in found["results"] if one["rfc23_state"] == "completed"), None
        )

    async def at_invitee() -> bool:
        return bool((await invitee.get(f"/connections/{theirs}"))["rfc23_state"] == "completed")

    ours = await until(at_inviter, 30, "the inviter is connected")
    await until(at_invitee, 30, "the invitee is connected")
    return ours, theirs


async def exchange(api: AcapyClient, kind: str, state: str, **which: str) -> dict[str, Any]:
    """Wait for one credential or presentation exchange in this state, and return its record."""

    async def find() -> dict[str, Any] | None:
        found = (await api.get(f"/{kind}/records", params=which))["results"]
        records = [one.get("cred_ex_record", one) for one in found]
        return next((one for one in records if one["state"] == state), None)

    return await until(find, 40, f"an exchange of {kind} is {state}")


ATTRIBUTES = ["given_name", "grade", "workload_hours"]


async def prepare_issuing(issuer: Party, *, revocable: bool) -> str:
    """The id of a new credential definition of a new DID."""
    did = await issuer.did_host.ensure_did(("orgs", f"school-{uuid4().hex}"))
    schema = await issuer.admin.post(
        "/anoncreds/schema",
        {"schema": {"attrNames": ATTRIBUTES, "issuerId": did, "name": "award", "version": "1.0"}},
    )
    made = await issuer.admin.post(
        "/anoncreds/credential-definition",
        {
            "credential_definition": {
                "issuerId": did,
                "schemaId": schema["schema_state"]["schema_id"],
                "tag": "revocable" if revocable else "plain",
            },
            "options": {"support_revocation": revocable, "revocation_registry_size": 8},
        },
        timeout=120,
    )
    return str(made["credential_definition_state"]["credential_definition_id"])


async def active_registry(issuer: Party, cred_def_id: str) -> str:
    """The id of the definition's registry once it can take credentials."""

    async def find() -> str | None:
        with suppress(AgentRefused, AgentUnavailable):
            found = await issuer.admin.get(f"/anoncreds/revocation/active-registry/{in_path(cred_def_id)}")
            return str(found["result"]["revoc_reg_id"])
        return None

    return await until(find, 60, "a revocation registry is active")


async def offer(issuer: Party, connection_id: str, cred_def_id: str, given_name: str) -> str:
    """Send an offer; its exchange id at the issuer."""
    values = {"given_name": given_name, "grade": "A", "workload_hours": "60"}
    made = await issuer.admin.post(
        "/issue-credential-2.0/send-offer",
        {
            "connection_id": connection_id,
            "auto_issue": False,
            "auto_remove": False,
            "credential_preview": {
                "@type": "issue-credential/2.0/credential-preview",
                "attributes": [{"name": name, "value": value} for name, value in values.items()],
            },
            "filter": {"anoncreds": {"cred_def_id": cred_def_id}},
        },
    )
    return str(made["cred_ex_id"])


async def accept(issuer: Party, learner: Learner, their_connection: str, at_issuer: str) -> str:
    """Take an offer that came through to the end; the exchange id at the learner."""
    sent = await issuer.admin.get(f"/issue-credential-2.0/records/{at_issuer}")
    which = {"connection_id": their_connection, "thread_id": sent["cred_ex_record"]["thread_id"]}
    offered = await exchange(learner.api, "issue-credential-2.0", "offer-received", **which)
    record = f"/issue-credential-2.0/records/{offered['cred_ex_id']}"
    await learner.api.post(f"{record}/send-request", {})

    async def requested() -> bool:
        found = await issuer.admin.get(f"/issue-credential-2.0/records/{at_issuer}")
        return bool(found["cred_ex_record"]["state"] == "request-received")

    await until(requested, 30, "the issuer has the request")
    await issuer.admin.post(f"/issue-credential-2.0/records/{at_issuer}/issue", {})
    await exchange(learner.api, "issue-credential-2.0", "credential-received", **which)
    await learner.api.post(f"{record}/store", {})

    async def done() -> bool:
        found = await issuer.admin.get(f"/issue-credential-2.0/records/{at_issuer}")
        return bool(found["cred_ex_record"]["state"] == "done")

    await until(done, 30, "the issuer knows that it is stored")
    return str(offered["cred_ex_id"])


def proof_request(cred_def_id: str) -> dict[str, Any]:
    """Reveal the grade, prove the workload."""
    restrictions = [{"cred_def_id": cred_def_id}]
    return {
        "name": "test",
        "version": "1.0",
        "requested_attributes": {"need_0": {"names": ["grade"], "restrictions": restrictions}},
        "requested_predicates": {
            "need_0_hours": {
                "name": "workload_hours",
                "p_type": ">=",
                "p_value": 40,
                "restrictions": restrictions,
            }
        },
    }


async def request_proof(verifier: Party, connection_id: str, request: dict[str, Any]) -> str:
    """Send a proof request; its exchange id at the verifier."""
    made = await verifier.admin.post(
        "/present-proof-2.0/send-request",
        {
            "connection_id": connection_id,
            "auto_verify": False,
            "auto_remove": False,
            "presentation_request": {"anoncreds": request},
        },
    )
    return str(made["pres_ex_id"])


async def present(learner: Learner, their_connection: str) -> str:
    """Answer the request that came with the first credential that fits; the exchange id at the learner."""
    asked = await exchange(
        learner.api, "present-proof-2.0", "request-received", connection_id=their_connection
    )
    record = f"/present-proof-2.0/records/{asked['pres_ex_id']}"
    fitting = await learner.api.get(f"{record}/credentials", params={"count": 100})
    cred_id = fitting[0]["cred_info"].get("referent") or fitting[0]["cred_info"]["cred_id"]
    await learner.api.post(
        f"{record}/send-presentation",
        {
            "anoncreds": {
                "requested_attributes": {"need_0": {"cred_id": cred_id, "revealed": True}},
                "requested_predicates": {"need_0_hours": {"cred_id": cred_id}},
                "self_attested_attributes": {},
            }
        },
    )
    return str(asked["pres_ex_id"])
