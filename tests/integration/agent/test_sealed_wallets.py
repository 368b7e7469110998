"""Wallets that only their learner's key opens."""

import httpx
import pytest
from acapy_agent.did.did_key import DIDKey

from services.agent.domain.room import STORE_LIMIT
from services.agent.entry.admin_routes import NOTE_BYTES
from shared.adapters.acapy_client import AgentRefused, AgentUnavailable
from shared.adapters.jetstream import Bus, waiting
from shared.contracts import streams
from tests.support.agents import ADMIN_KEY, Party
from tests.support.flows import (
    accept,
    connect,
    new_key,
    new_learner,
    offer,
    open_wallet,
)
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
LOG_BYTES = 8 * 1024 * 1024
"""More than what lies in the log beside an open store and not in its file yet."""


async def status_of(party: Party, method: str, path: str, token: str | None = None, **kwargs: object) -> int:
    headers = {"X-API-KEY": ADMIN_KEY} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with httpx.AsyncClient(base_url=party.agent.url, headers=headers, timeout=20) as http:
        return (await http.request(method, path, **kwargs)).status_code  # type: ignore[arg-type]


async def test_a_wallet_opens_with_its_key_only(parties: dict[str, Party]) -> None:
    wallet = parties["wallet"]
    learner = await new_learner(wallet)
    path = f"/ujuzi/wallets/{learner.wallet_id}"

    for _ in ("open", "locked"):
        with pytest.raises(AgentRefused, match="does not open with this key"):
            await wallet.admin.post(f"{path}/open", {"wallet_key": new_key()})
        await wallet.admin.post(f"{path}/close")
    with pytest.raises(AgentRefused, match="No wallet has this id"):
        await wallet.admin.post("/ujuzi/wallets/nobody/open", {"wallet_key": new_key()})
    assert await status_of(wallet, "POST", f"{path}/open", json={"wallet_key": "not a key"}) == 400
    assert await status_of(wallet, "POST", "/ujuzi/wallets", json={"wallet_key": "short"}) == 400


async def test_tokens_die_when_the_wallet_closes_and_never_replace_the_api_key(
    parties: dict[str, Party],
) -> None:
    wallet = parties["wallet"]
    learner = await new_learner(wallet)
    first = learner.api._token
    await open_wallet(wallet, learner)
    second = learner.api._token
    assert first != second
    assert await status_of(wallet, "GET", "/connections", first) == 200
    assert await status_of(wallet, "GET", "/connections", second) == 200
    async with httpx.AsyncClient(base_url=wallet.agent.url) as http:
        assert (
            await http.get("/connections", headers={"Authorization": f"Bearer {first}"})
        ).status_code == 401

    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")
    assert await status_of(wallet, "GET", "/connections", first) == 401
    assert await status_of(wallet, "GET", "/connections", second) == 401
    assert await status_of(wallet, "GET", "/connections") == 401


async def test_a_store_that_is_full_takes_up_with_nobody_new_and_others_are_told(
    parties: dict[str, Party],
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    made = await learner.api.post(
        "/out-of-band/create-invitation", {"handshake_protocols": ["https://didcomm.org/didexchange/1.1"]}
    )
    key = made["invitation"]["services"][0]["recipientKeys"][0].removeprefix("did:key:").partition("#")[0]
    verkey = DIDKey.from_did(f"did:key:{key}").public_key_b58
    recipient = f"/ujuzi/recipients/{verkey}"
    assert await wallet.admin.get(recipient) == {"wallet_id": learner.wallet_id, "full": False}

    for number in range((STORE_LIMIT + LOG_BYTES) // NOTE_BYTES + 1):
        await learner.api.put(f"/ujuzi/notes/history/{number}", {"text": "x" * (NOTE_BYTES - 20)})

    assert await wallet.admin.get(recipient) == {"wallet_id": learner.wallet_id, "full": True}
    with pytest.raises(AgentRefused, match="takes in nothing new from 24 MiB on"):
        await connect(issuer, learner.api)
    await wallet.admin.delete(f"/ujuzi/wallets/{learner.wallet_id}")


async def test_envelopes_for_a_locked_wallet_wait_and_are_handled_on_opening(
    parties: dict[str, Party], cred_def_id: str
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner, other = await new_learner(wallet), await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")

    offers = [await offer(issuer, at_issuer, cred_def_id, f"Neema {number}") for number in range(12)]

    async def parked() -> bool:
        found = await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}")
        return bool(found == {"state": "locked", "waiting": len(offers)})

    await until(parked, 30, "all offers wait")
    await connect(issuer, other.api)  # more of them than there are workers hold up nobody

    await open_wallet(wallet, learner)
    sent = await issuer.admin.get(
        "/issue-credential-2.0/records", params={"connection_id": at_issuer, "limit": 100}
    )
    got = await learner.api.get(
        "/issue-credential-2.0/records", params={"connection_id": at_learner, "limit": 100}
    )
    threads_sent, threads_got = (
        sorted(one["cred_ex_record"]["thread_id"] for one in found["results"]) for found in (sent, got)
    )
    assert len(offers) == len(threads_got)
    assert threads_got == threads_sent


async def test_a_key_is_found_nowhere(
    parties: dict[str, Party], cred_def_id: str, exchange_nats: NatsServer
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    at_issuer, at_learner = await connect(issuer, learner.api)
    await accept(issuer, learner, at_learner, await offer(issuer, at_issuer, cred_def_id, "Neema"))
    await learner.api.put("/ujuzi/notes/history/1", {"title": "Kwa Neema"})
    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")

    words = (learner.key.encode(), b"Neema")
    folders = (wallet.agent.folder, exchange_nats._folder)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        content = path.read_bytes()
        assert not any(word in content for word in words), path
    token = learner.api._token
    assert token is not None
    assert token not in wallet.agent.log.read_text(errors="replace")


async def test_several_notes_are_read_and_kept_at_once_all_or_none(parties: dict[str, Party]) -> None:
    wallet = parties["wallet"]
    learner, other = [await new_learner(wallet) for _ in range(2)]
    first = {"category": "history", "id": "1", "value": {"kind": "stored"}}
    second = {"category": "settled", "id": "did:webvh:x/resources/z1", "value": {"at": None}}
    await learner.api.put("/ujuzi/notes", {"notes": [first, second]})
    await learner.api.put("/ujuzi/notes", {"notes": [{**first, "value": {"kind": "anew"}}]})

    found = await learner.api.get("/ujuzi/notes", params={"of": ["settled", "history", "none"]})
    assert found["notes"] == {
        "settled": [{"id": second["id"], "value": {"at": None}}],
        "history": [{"id": "1", "value": {"kind": "anew"}}],
        "none": [],
    }
    assert (await other.api.get("/ujuzi/notes", params={"of": ["history"]}))["notes"] == {"history": []}
    assert (await learner.api.get("/ujuzi/notes"))["notes"] == {}
    third = {"category": "history", "id": "3", "value": {}}
    for refused in (
        [third, {"category": "history", "id": 4, "value": {}}],
        [third, {"id": "4", "value": {}}],
    ):
        with pytest.raises(AgentRefused, match="400: Expected other values in: notes"):
            await learner.api.put("/ujuzi/notes", {"notes": refused})
    large = {"notes": [third, {**third, "value": {"text": "x" * 600_000}}]}
    assert await status_of(wallet, "PUT", "/ujuzi/notes", learner.api._token, json=large) == 413
    assert await status_of(wallet, "GET", "/ujuzi/notes?of=history", None) == 401
    assert [one["id"] for one in (await learner.api.get("/ujuzi/notes/history"))["notes"]] == ["1"]


async def test_notes_live_in_the_learners_own_store(parties: dict[str, Party]) -> None:
    learner, other = [await new_learner(parties["wallet"]) for _ in range(2)]
    note = {"title": "Solar pump technician", "levels": {"eqf": 4}}
    await learner.api.put("/ujuzi/notes/editions/did:webvh:x%2Fresources%2Fz1", note)
    await learner.api.put("/ujuzi/notes/editions/two", {"first": 1})
    await learner.api.put("/ujuzi/notes/editions/two", {"second": 2})

    assert await learner.api.get("/ujuzi/notes/editions/two") == {"second": 2}
    listed = (await learner.api.get("/ujuzi/notes/editions"))["notes"]
    assert sorted(one["id"] for one in listed) == ["did:webvh:x/resources/z1", "two"]
    assert (await other.api.get("/ujuzi/notes/editions"))["notes"] == []
    await learner.api.delete("/ujuzi/notes/editions/two")
    with pytest.raises(AgentRefused, match="404"):
        await learner.api.get("/ujuzi/notes/editions/two")
    big = {"text": "x" * 300_000}
    assert (
        await status_of(parties["wallet"], "PUT", "/ujuzi/notes/editions/big", learner.api._token, json=big)
        == 413
    )


async def test_more_open_wallets_than_aca_py_would_keep_in_its_cache_stay_open(
    parties: dict[str, Party],
) -> None:
    wallet = parties["wallet"]
    keys = [new_key() for _ in range(120)]  # the cache holds 100
    opened: dict[str, str] = {}
    for key in keys:
        wallet_id = (await wallet.admin.post("/ujuzi/wallets", {"wallet_key": key}))["wallet_id"]
        opened[wallet_id] = (
            await wallet.admin.post(f"/ujuzi/wallets/{wallet_id}/open", {"wallet_key": key})
        )["token"]

    answers = {await status_of(wallet, "GET", "/wallet/did", token) for token in opened.values()}
    for wallet_id in opened:
        await wallet.admin.delete(f"/ujuzi/wallets/{wallet_id}")
    assert answers == {200}


async def test_a_deleted_wallet_leaves_nothing(parties: dict[str, Party]) -> None:
    wallet = parties["wallet"]
    before = set((wallet.agent.folder / "store" / "wallet").iterdir())
    learner = await new_learner(wallet)
    await connect(parties["issuer"], learner.api)
    keys = [one["verkey"] for one in (await learner.api.get("/wallet/did"))["results"]]
    owners = [await status_of(wallet, "GET", f"/ujuzi/recipients/{key}") for key in keys]
    assert 200 in owners

    await wallet.admin.delete(f"/ujuzi/wallets/{learner.wallet_id}")

    assert set((wallet.agent.folder / "store" / "wallet").iterdir()) == before
    assert await status_of(wallet, "GET", f"/ujuzi/wallets/{learner.wallet_id}") == 404
    assert {await status_of(wallet, "GET", f"/ujuzi/recipients/{key}") for key in keys} == {404}


async def test_deleting_a_locked_wallet_drops_what_waits_for_it(
    parties: dict[str, Party], exchange_nats: NatsServer
) -> None:
    issuer, wallet = parties["issuer"], parties["wallet"]
    learner = await new_learner(wallet)
    at_issuer, _ = await connect(issuer, learner.api)
    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")
    await issuer.admin.post(f"/connections/{at_issuer}/send-message", {"content": "This waits for her."})

    async def parked() -> bool:
        found = await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}")
        return bool(found == {"state": "locked", "waiting": 1})

    await until(parked, 30, "the message waits")

    await wallet.admin.delete(f"/ujuzi/wallets/{learner.wallet_id}")

    async with Bus(exchange_nats.url, "wallet", PASSWORD) as bus:
        subject = streams.parked_subject(str(learner.wallet_id))
        assert await waiting(bus.js, streams.DIDCOMM_PARKED, subject) == 0


async def test_a_deletion_that_was_cut_off_is_finished_by_the_next(parties: dict[str, Party]) -> None:
    wallet = parties["wallet"]
    stores = wallet.agent.folder / "store" / "wallet"
    before = set(stores.iterdir())
    learner = await new_learner(wallet)
    (store,) = set(stores.iterdir()) - before
    await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/close")
    store.rename(store.with_name(f"{store.name}.deleted"))

    with pytest.raises(AgentUnavailable):
        await wallet.admin.post(f"/ujuzi/wallets/{learner.wallet_id}/open", {"wallet_key": learner.key})
    assert not store.exists()
    await wallet.admin.delete(f"/ujuzi/wallets/{learner.wallet_id}")

    assert set(stores.iterdir()) == before
    assert await status_of(wallet, "GET", f"/ujuzi/wallets/{learner.wallet_id}") == 404
