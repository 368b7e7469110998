"""What becomes of envelopes: handled once, kept over a crash, set aside when they cannot be handled."""

import asyncio
import base64
import json
import uuid
from functools import partial

import httpx
import pytest
from acapy_agent.did.did_key import DIDKey

from shared.adapters.jetstream import publish, waiting
from shared.contracts import streams
from tests.support.agents import ADMIN_KEY, Party
from tests.support.flows import (
    accept,
    connect,
    exchange,
    invite,
    new_learner,
    offer,
    open_wallet,
)
from tests.support.nats_server import NatsServer
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def envelope(kid: str) -> bytes:
    """Well-formed for that key, and impossible to open."""
    header = {"enc": "xchacha20poly1305_ietf", "typ": "JWM/1.0", "alg": "Anoncrypt"}
    header["recipients"] = [{"encrypted_key": "AAAA", "header": {"kid": kid}}]  # type: ignore[assignment]
    protected = base64.urlsafe_b64encode(json.dumps(header).encode()).decode()
    return json.dumps(
        {"protected": protected, "iv": "AAAA", "ciphertext": uuid.uuid4().hex, "tag": "AAAA"}
    ).encode()


async def put_in(party: Party, body: bytes, *, message_id: str = "") -> None:
    await publish(
        party.bus.js,
        streams.inbound_subject(None),
        body,
        message_id=message_id or streams.inbound_message_id(body),
    )


async def reason_in_poison(party: Party, body: bytes) -> str:
    async def find() -> str | None:
        last = (await party.bus.js.stream_info("DIDCOMM_POISON")).state.last_seq
        for sequence in range(last, 0, -1):
            found = await party.bus.js.get_msg("DIDCOMM_POISON", sequence)
            if found.data == body:
                return (found.headers or {}).get(streams.REASON)
        return None

    return await until(find, 30, "the envelope is set aside")


async def test_what_is_no_envelope_is_set_aside_at_once_and_blocks_nobody(parties: dict[str, Party]) -> None:
    issuer = parties["issuer"]
    plain = b'{"@type": "https://didcomm.org/trust_ping/1.0/ping", "@id": "1", "response_requested": true}'
    stranger = envelope("8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K")
    own_key = (await invite(issuer))["invitation"]["services"][0]["recipientKeys"][0]
    damaged = envelope(DIDKey.from_did(own_key.split("#")[0]).public_key_b58)
    for body in (b"garbage", plain, stranger, damaged):
        await put_in(issuer, body)

    assert "Expected an encrypted" in await reason_in_poison(issuer, b"garbage")
    assert "Expected an encrypted" in await reason_in_poison(issuer, plain)
    assert "Nobody here owns" in await reason_in_poison(issuer, stranger)
    assert "does not open" in await reason_in_poison(issuer, damaged)
    learner = await new_learner(parties["wallet"])
    await connect(issuer, learner.api)


async def test_the_same_envelope_again_is_handled_once(parties: dict[str, Party]) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")
    made = await invite(issuer)
    await open_wallet(wallet, learner)
    before = (await issuer.bus.js.stream_info("DIDCOMM_IN")).state.last_seq

    seen: list[bytes] = []
    received = await issuer.bus.nc.subscribe("didcomm.in.*")
    await learner.api.post(
        "/out-of-band/receive-invitation",
        made["invitation"],
        params={"auto_accept": True, "use_existing_connection": False},
    )
    seen.append((await received.next_msg(10)).data)
    await received.unsubscribe()
    await exchange_completed(issuer, made["invi_msg_id"])

    await put_in(issuer, seen[0], message_id="sent again after the duplicate window")

    async def all_taken() -> bool:
        info = await issuer.bus.js.stream_info("DIDCOMM_IN")
        return info.state.messages == 0 and info.state.last_seq > before + 1

    await until(all_taken, 30, "the second copy is taken in")
    found = await issuer.admin.get("/connections", params={"invitation_msg_id": made["invi_msg_id"]})
    assert [one["rfc23_state"] for one in found["results"]] == ["completed"]


async def exchange_completed(issuer: Party, invitation_msg_id: str) -> None:
    async def completed() -> bool:
        found = await issuer.admin.get("/connections", params={"invitation_msg_id": invitation_msg_id})
        return [one["rfc23_state"] for one in found["results"]] == ["completed"]

    await until(completed, 30, "the connection is completed")


async def test_a_wallet_agent_killed_before_an_offer_completes_after_its_restart(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    old_token_api = learner.api

    wallet.agent.kill()
    exchange_id = await offer(issuer, at_issuer, cred_def_id, "Neema")

    async def stored() -> bool:
        return (
            await waiting(wallet.bus.js, streams.DIDCOMM_IN, streams.inbound_subject(learner.wallet_id)) > 0
        )

    await until(stored, 30, "the offer waits in the wallet's stream")
    wallet.agent.spawn()
    await wallet.agent.ready()

    assert (await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}"))["state"] == "locked"
    async with httpx.AsyncClient(base_url=wallet.agent.url, headers={"X-API-KEY": ADMIN_KEY}) as http:
        token = old_token_api._token
        assert (
            await http.get("/connections", headers={"Authorization": f"Bearer {token}"})
        ).status_code == 401
    await open_wallet(wallet, learner)
    await accept(issuer, learner, at_learner, exchange_id)


async def test_a_restart_of_nats_loses_nothing(
    parties: dict[str, Party], cred_def_id: str, exchange_nats: NatsServer
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)

    exchange_nats.stop()
    async with asyncio.TaskGroup() as group:
        offered = group.create_task(offer(issuer, at_issuer, cred_def_id, "Neema"))
        exchange_nats.start()

    await accept(issuer, learner, at_learner, offered.result())


async def test_an_agent_that_cannot_run_says_why_in_one_sentence(parties: dict[str, Party]) -> None:
    running = parties["issuer"].agent
    another_account = {"AGENT_NATS_USER": "registry"}
    same_port = running.again("same-port", store=running.folder / "second")
    same_port.environment |= another_account | {"AGENT_ADMIN_PORT": str(running.port)}
    same_port.spawn()
    assert same_port.wait(30) == 1
    wrong_key = running.again("wrong-key", store=running.folder / "second")
    wrong_key.environment |= another_account | {
        "AGENT_WALLET_KEY": parties["wallet"].agent.environment["AGENT_WALLET_KEY"]
    }
    wrong_key.spawn()
    assert wrong_key.wait(30) == 1

    assert "is the port taken?" in same_port.tail()
    assert "Traceback" not in same_port.tail()
    assert "Is AGENT_WALLET_KEY the key" in wrong_key.tail()


async def test_events_carry_ids_and_states_only(parties: dict[str, Party], cred_def_id: str) -> None:
    issuer = parties["issuer"]
    learner = await new_learner(parties["wallet"])
    at_issuer, at_learner = await connect(issuer, learner.api)
    name = f"Neema{uuid.uuid4().hex}"
    await accept(issuer, learner, at_learner, await offer(issuer, at_issuer, cred_def_id, name))
    await exchange(learner.api, "issue-credential-2.0", "done", connection_id=at_learner)

    async def told(party: Party) -> list[bytes] | None:
        stream = await party.bus.js.stream_info("AGENT_EVENTS")
        bodies = [
            (await party.bus.js.get_msg("AGENT_EVENTS", sequence)).data or b""
            for sequence in range(stream.state.first_seq, stream.state.last_seq + 1)
        ]
        return bodies if {"completed", "done"} <= {json.loads(body)["state"] for body in bodies} else None

    for party in (issuer, parties["wallet"]):
        bodies = await until(partial(told, party), 30, "the end of connection and exchange is told")
        states = {json.loads(body)["state"] for body in bodies}
        if party is issuer:  # it is told what it waits for, not what it ordered
            assert "request-received" in states
            assert states.isdisjoint({"offer-sent", "credential-issued", "invitation", "response"})
        assert not any(
            word in body for body in bodies for word in (name.encode(), b"under test", b"workload")
        )
