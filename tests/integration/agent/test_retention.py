"""What agents keep goes when its time is over, and what a credential still needs stays: real stores, made older."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aries_askar import Store

from services.agent.domain.retention import (
    LEARNERS_FINISHED_KEPT,
    PARTS_KEPT,
    TAILS_KEPT,
    UNFINISHED_KEPT,
    UNUSED_KEPT,
)
from shared.adapters.acapy_client import AgentRefused
from shared.contracts.agent_events import KEPT_UNTIL
from tests.support.agents import Party, running_parties
from tests.support.flows import (
    Learner,
    accept,
    active_registry,
    connect,
    exchange,
    invite,
    new_learner,
    offer,
    prepare_issuing,
    present,
    proof_request,
    request_proof,
)
from tests.support.nats_server import running_nats
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
async def parties(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Party]]:
    """Agents whose every record comes from here."""
    with running_nats() as nats:
        folder = tmp_path_factory.mktemp("retention")
        async with running_parties(folder, nats, "issuer", "wallet", "verifier") as started:
            yield started


HANDLED = "ujuzi-handled-envelope"
KEPT_ON_PURPOSE = {
    "issuer": {
        *(
            "acapy_storage_type",
            "acapy_version",
            "config",
            "schema",
            "credential_def",
            "credential_def_key_proof",
        ),
        *("credential_def_private", "revocation_reg_def", "revocation_reg_def_private", "revocation_list"),
        *("issuer_cred_rev", "rev_reg_def_create_event", "rev_reg_def_store_event", "rev_list_create_event"),
        *("rev_list_store_event", "rev_reg_activation_event", "ujuzi-note:place"),
    },
    "verifier": {"acapy_storage_type", "acapy_version", "config"},
    "wallet": {"acapy_storage_type", "acapy_version", "config", "wallet_record"},
    "learner": {"config", "credential", "master_secret"},
}
"""By store; what is not here has a time in services.agent.domain.retention."""
TIMED = {
    *(
        HANDLED,
        "ujuzi-verdict-told",
        "cred_ex_v20",
        "anoncreds_cred_ex_v20",
        "pres_ex_v20",
        "connection",
        "connection_invitation",
    ),
    *("connection_request", "connection_metadata", "did", "did_key", "long_peer_did_4_doc", "oob_record"),
    *("oob_invitation", "revocation_notification", "forward_route", "ujuzi-carried"),
}


def store_of(party: Party) -> Path:
    return party.agent.folder / "store" / "wallet" / "base" / "sqlite.db"


async def store_of_learner(wallet: Party, learner: Learner) -> Path:
    store = await opened(store_of(wallet), wallet.agent.environment["AGENT_WALLET_KEY"])
    async with store.session() as session:
        record = await session.fetch("wallet_record", learner.wallet_id)
    await store.close()
    name = str(json.loads(record.value)["settings"]["wallet.name"])
    return wallet.agent.folder / "store" / "wallet" / name / "sqlite.db"


async def opened(path: Path, key: str) -> Any:  # noqa: ANN401  Askar ships no types
    return await Store.open(f"sqlite://{path}", "raw", key)


async def counted(path: Path, key: str) -> Counter[str]:
    """Rows by category, and keys."""
    store = await opened(path, key)
    found = Counter([entry.category async for entry in store.scan()])
    async with store.session() as session:
        found["keys"] = len(await session.fetch_all_keys())
    await store.close()
    return found


async def made_older(path: Path, key: str, by: timedelta) -> None:
    """Let every record have been changed so much earlier."""
    store = await opened(path, key)
    entries = [(e.category, e.name, bytes(e.value), dict(e.tags)) async for e in store.scan()]
    async with store.transaction() as txn:
        for category, name, value, tags in entries:
            if "~day" in tags:
                day = datetime.fromisoformat(tags["~day"]) - by
                await txn.replace(category, name, value, {**tags, "~day": day.date().isoformat()})
            if not value.startswith(b"{") or b'"updated_at"' not in value:
                continue
            record = json.loads(value)
            for moment in ("created_at", "updated_at"):
                earlier = datetime.fromisoformat(record[moment]) - by
                record[moment] = earlier.isoformat().replace("+00:00", "Z")
            await txn.replace(category, name, json.dumps(record), tags)
        await txn.commit()
    await store.close()


async def all_made_older(parties: dict[str, Party], learner: Learner, by: timedelta) -> None:
    for party in parties.values():
        await made_older(store_of(party), party.agent.environment["AGENT_WALLET_KEY"], by)
    await made_older(await store_of_learner(parties["wallet"], learner), learner.key, by)


async def rows(party: Party) -> Counter[str]:
    return await counted(store_of(party), party.agent.environment["AGENT_WALLET_KEY"])


@dataclass
class Scene:
    """A learner with a credential that was proven from, and with an offer she has not answered."""

    learner: Learner
    at_issuer: str
    issued: str
    place: dict[str, Any]
    open_offer_at: str
    open_offer: str


async def played(parties: dict[str, Party]) -> Scene:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    cred_def_id = await prepare_issuing(issuer, revocable=True)
    await active_registry(issuer, cred_def_id)
    learner = await new_learner(wallet)
    at_issuer, from_issuer = await connect(issuer, learner.api)
    issued = await offer(issuer, at_issuer, cred_def_id, "Neema")
    await accept(issuer, learner, from_issuer, issued)
    place = (await issuer.admin.get(f"/issue-credential-2.0/records/{issued}"))["anoncreds"]
    at_verifier, from_verifier = await connect(verifier, learner.api)
    asked = await request_proof(verifier, at_verifier, proof_request(cred_def_id))
    await present(learner, from_verifier)
    await exchange(verifier.admin, "present-proof-2.0", "presentation-received", connection_id=at_verifier)
    await verifier.admin.post(f"/ujuzi/presentations/{asked}/close", {"verified": True})
    await exchange(learner.api, "present-proof-2.0", "done", connection_id=from_verifier)
    open_offer_at, _ = await connect(issuer, learner.api)
    open_offer = await offer(issuer, open_offer_at, cred_def_id, "Neema")
    await invite(issuer)
    return Scene(learner, at_issuer, issued, place, open_offer_at, open_offer)


async def hears_of_a_revocation(parties: dict[str, Party], scene: Scene, comment: str) -> None:
    await parties["issuer"].admin.post(
        "/anoncreds/revocation/revoke",
        {
            "rev_reg_id": scene.place["rev_reg_id"],
            "cred_rev_id": scene.place["cred_rev_id"],
            "publish": True,
            "notify": True,
            "notify_version": "v2_0",
            "connection_id": scene.at_issuer,
            "comment": comment,
        },
        timeout=60,
    )

    async def told() -> Any:  # noqa: ANN401
        return (await scene.learner.api.get("/ujuzi/notes/revocation-notices"))["notes"]

    (notice,) = await until(told, 30, "the learner is told")
    assert notice["value"]["comment"] == comment


async def connections_of(party: Party) -> set[str]:
    return {one["connection_id"] for one in (await party.admin.get("/connections"))["results"]}


async def test_records_go_with_their_time_and_a_revocation_is_told_long_after(
    parties: dict[str, Party],
) -> None:
    issuer, wallet, verifier = parties["issuer"], parties["wallet"], parties["verifier"]
    scene = await played(parties)
    learner = scene.learner
    assert len((await wallet.admin.get(f"/ujuzi/wallets/{learner.wallet_id}/keys"))["keys"]) == 3
    nobody = await new_learner(wallet)
    assert await wallet.admin.get(f"/ujuzi/wallets/{nobody.wallet_id}/keys") == {"keys": []}

    async def run() -> dict[str, Any]:
        ran = {name: await party.admin.post("/ujuzi/retention") for name, party in parties.items()}
        return ran | {"learner": await learner.api.post("/ujuzi/retention")}

    fresh = await rows(issuer)
    nothing = await run()
    assert not any(any(gone.values()) for gone in nothing.values())
    assert await rows(issuer) == fresh

    # Everything is older than what has ended may be, and younger than what may still be answered.
    assert LEARNERS_FINISHED_KEPT < timedelta(days=185) < UNFINISHED_KEPT
    await all_made_older(parties, learner, timedelta(days=185))
    await run()

    left = await rows(issuer)
    with pytest.raises(AgentRefused, match=r"404|not found"):
        await issuer.admin.get(f"/issue-credential-2.0/records/{scene.issued}")
    assert (await issuer.admin.get(f"/issue-credential-2.0/records/{scene.open_offer}"))["cred_ex_record"]
    connections = await connections_of(issuer)
    assert {scene.at_issuer, scene.open_offer_at} <= connections
    assert left["oob_record"] == 0, "invitations nobody took up are gone"
    assert (
        left["connection"]
        == left["long_peer_did_4_doc"]
        == left["keys"] - left["connection"]
        == len(connections)
    )
    assert left[HANDLED] == left["ujuzi-verdict-told"] == 0
    at_the_verifier = await rows(verifier)
    assert set(at_the_verifier) - {"keys"} <= KEPT_ON_PURPOSE["verifier"] | TIMED
    assert (at_the_verifier["connection"], at_the_verifier["keys"], at_the_verifier["did"]) == (0, 0, 0)
    hers = await counted(await store_of_learner(wallet, learner), learner.key)
    assert (hers["credential"], hers["pres_ex_v20"], hers["connection"]) == (1, 0, 2)
    assert hers["cred_ex_v20"] == 1, "the open offer"

    # Half a year later the issuer revokes: she is told, over the connection that was kept for it.
    await hears_of_a_revocation(parties, scene, "Issued in error")

    # When nothing needs them any more, connections go as well, with their keys; hers when her credential is gone.
    await all_made_older(
        parties, learner, max(UNUSED_KEPT, UNFINISHED_KEPT - timedelta(days=185)) + timedelta(days=1)
    )
    await run()
    connections = await connections_of(issuer)
    assert not {scene.at_issuer, scene.open_offer_at} & connections
    hers = await counted(await store_of_learner(wallet, learner), learner.key)
    assert (hers["credential"], hers["connection"], hers["cred_ex_v20"]) == (1, 1, 0)
    assert hers["ujuzi-note:revocation-notices"] == 1

    before = (await rows(wallet))["forward_route"]
    (credential,) = (await learner.api.get("/credentials"))["results"]
    await learner.api.delete(f"/credential/{credential['referent']}")
    await run()
    hers = await counted(await store_of_learner(wallet, learner), learner.key)
    assert (hers["connection"], hers["keys"], hers["did"]) == (0, 0, 0)
    assert hers["ujuzi-note:revocation-notices"] == 1
    assert (await rows(wallet))["forward_route"] == before - 1

    for name, party in parties.items():
        unknown = set(await rows(party)) - KEPT_ON_PURPOSE[name] - TIMED - {"keys"}
        assert unknown == set(), f"say in services.agent.domain.retention how long {name} keeps these"
    unknown = {one for one in hers if not one.startswith("ujuzi-note:")} - KEPT_ON_PURPOSE["learner"] - TIMED
    assert unknown == {"keys"}, "say in services.agent.domain.retention how long learners' stores keep these"


async def test_copies_of_tails_files_go_and_originals_stay(parties: dict[str, Party]) -> None:
    def put(party: str, name: str, age: timedelta) -> Path:
        file = parties[party].agent.folder / "store" / "tails" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"tails")
        then = datetime.now().timestamp() - age.total_seconds()  # noqa: DTZ005  a file's time is the machine's
        os.utime(file, (then, then))
        return file

    moment = timedelta(minutes=5)
    copy, young = put("wallet", "copy", TAILS_KEPT + moment), put("wallet", "young", TAILS_KEPT - moment)
    half, begun = put("issuer", "x.part", PARTS_KEPT + moment), put("issuer", "y.part", PARTS_KEPT - moment)
    original = put("issuer", "original", TAILS_KEPT + moment)

    for party in parties.values():
        await party.admin.post("/ujuzi/retention")

    assert [file.exists() for file in (copy, young, half, begun, original)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    for file in (young, begun, original):
        file.unlink()


async def test_a_connection_stays_as_long_as_its_service_wants_it(parties: dict[str, Party]) -> None:
    verifier, learner = parties["verifier"], await new_learner(parties["wallet"])
    ours, hers = await connect(verifier, learner.api)

    async def wanted_for(days: int) -> None:
        until_then = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        mark = {"metadata": {KEPT_UNTIL: {"until": until_then}}}
        await verifier.admin.post(f"/connections/{ours}/metadata", mark)
        await learner.api.post(f"/connections/{hers}/metadata", mark)
        await verifier.admin.post("/ujuzi/retention")
        await learner.api.post("/ujuzi/retention")

    await all_made_older(parties, learner, UNUSED_KEPT + timedelta(days=1))
    await wanted_for(1)
    assert ours in await connections_of(verifier)
    assert (await learner.api.get(f"/connections/{hers}"))["connection_id"] == hers

    await wanted_for(-1)
    assert ours not in await connections_of(verifier)
    with pytest.raises(AgentRefused, match=r"404|not found"):
        await learner.api.get(f"/connections/{hers}")
