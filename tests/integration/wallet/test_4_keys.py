"""Other ways into a wallet, and its way to another installation."""

import base64
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.launcher.adapters.http_learner import HttpLearner
from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import WrongPassphrase, generate_passphrase, read_recovery_kit, unwrap
from tests.support.agents import serving
from tests.support.nats_server import running_nats
from tests.support.wallet import World, wallet_service
from wallet.main import create_app


@pytest.fixture(scope="module")
async def elsewhere(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Another installation of the wallet, with agent, database and message bus of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with running_nats() as nats:
        agent, settings = wallet_service(folder, nats, dict(world.settings.host_map))
        agent.spawn()
        try:
            await agent.ready()
            async with serving(create_app(settings), settings.port):
                other = replace(world, folder=folder, url=settings.base_url, agent=agent, settings=settings)
                await other.admin.post("/v1/trust-lists", dict(world.trust_list))
                yield other
        finally:
            agent.stop()


async def test_a_new_passphrase_opens_and_the_old_one_no_more(world: World) -> None:
    learner = await world.new_learner()
    changed = generate_passphrase()

    await learner.change_passphrase(world.passphrase, changed)
    await learner.lock()

    with pytest.raises(WrongPassphrase):
        await learner.unlock(world.passphrase)
    await learner.unlock(changed)
    assert await learner.credentials() == []


async def test_a_recovery_kit_opens_the_wallet_of_one_who_forgot_her_passphrase(world: World) -> None:
    learner = await world.new_learner()
    await world.give(learner, world.award("Wanjiku"))
    printed = (await learner.make_recovery_kit(world.passphrase)).code
    await learner.lock()

    elsewhere, chosen = HttpLearner(world.url, world.client), generate_passphrase()
    await elsewhere.recover(read_recovery_kit(printed), chosen)

    assert len(await elsewhere.credentials()) == 1
    await elsewhere.lock()
    await elsewhere.unlock(chosen)
    later = await elsewhere.make_recovery_kit(chosen)
    await elsewhere.lock()
    with pytest.raises(WrongPassphrase):
        await elsewhere.recover(read_recovery_kit(printed), chosen)
    await elsewhere.recover(later, chosen)


async def test_the_last_way_in_stays_and_only_an_open_session_changes_any(world: World) -> None:
    learner = await world.new_learner()

    with pytest.raises(ServiceRefused, match="only unlock method") as refused:
        await learner.remove_unlock_method("passphrase")
    assert refused.value.status == 409
    with pytest.raises(ServiceRefused, match="of that kind") as refused:
        await learner.remove_unlock_method("recovery-kit")
    assert refused.value.status == 404
    with pytest.raises(ServiceRefused) as refused:
        await learner._opened().put("/v1/wallet/unlock-methods/pin", {"envelope": {"v": 1}})
    assert refused.value.status == 422

    kit = await learner.make_recovery_kit(world.passphrase)
    await learner.remove_unlock_method("passphrase")
    with pytest.raises(ServiceRefused, match="only unlock method"):
        await learner.remove_unlock_method("recovery-kit")
    api = learner._opened()
    await learner.lock()
    for change in (
        api.put("/v1/wallet/unlock-methods/passphrase", {"envelope": {"v": 1}}),
        api.delete("/v1/wallet/unlock-methods/recovery-kit"),
    ):
        with pytest.raises(ServiceRefused) as refused:
            await change
        assert refused.value.status == 423
    await learner.recover(kit, world.passphrase)


async def test_a_wallet_moves_to_another_installation_and_proves_from_there(
    world: World, elsewhere: World
) -> None:
    learner = await world.new_learner()
    values = world.award("Ngozi")
    await world.give(learner, values)
    archive = await learner.export()
    sealed = store_of(archive)
    telling = [values[name] for name in ("given_name", "family_name", "title", "grade", "twin_digest")]
    assert [value for value in telling if value.encode() in sealed] == []
    await learner._opened().delete("/v1/wallet")

    moved = HttpLearner(elsewhere.url, world.client)
    with pytest.raises(WrongPassphrase):
        await moved.import_archive(archive, "five words that are wrong")
    wallet_id = await moved.import_archive(archive, world.passphrase)

    (credential,) = await moved.credentials()
    assert credential["title"] == "Data Analytics Foundations"
    assert credential["issuer"]["trust"] == "trusted"
    assert (await moved.history())[0]["kind"] == "credential_stored"
    request, exchange_id = await elsewhere.ask(moved, world.proof_request())
    await moved.consent(request["id"], {"need_0": credential["id"]})
    proof = await elsewhere.presented(exchange_id)
    shown = proof["requested_proof"]["revealed_attr_groups"]["need_0"]["values"]
    assert shown["title"]["raw"] == "Data Analytics Foundations"

    await moved.lock()
    await moved.unlock(world.passphrase, wallet_id)
    await elsewhere.give(moved, world.award("Ngozi"))
    assert len(await moved.credentials()) == 2


async def test_an_archive_that_is_not_whole_or_not_hers_leaves_nothing(
    world: World, elsewhere: World, tmp_path: Path
) -> None:
    learner = await world.new_learner()
    archive = await learner.export()
    key = unwrap(archive["unlock_methods"][0]["envelope"], world.passphrase)
    stores = elsewhere.agent.folder / "store" / "wallet"
    before = set(stores.iterdir())
    newcomer = HttpLearner(elsewhere.url, world.client)

    async def refused(status: int, why: str, changed: dict[str, Any], with_key: bytes = key) -> None:
        body = {"wallet_key": base64.urlsafe_b64encode(with_key).decode().rstrip("="), "archive": changed}
        with pytest.raises(ServiceRefused, match=why) as refusal:
            await newcomer._door.post("/v1/wallets/import", body)
        assert refusal.value.status == status

    await refused(403, "does not open this wallet", archive, with_key=bytes(32))
    await refused(422, "32 random bytes", archive, with_key=b"short")
    await refused(422, "archive is damaged", archive | {"store": archive["store"] | {"data": "AAAA"}})
    await refused(422, "unlock_methods", archive | {"unlock_methods": []})
    await refused(422, "not a wallet's store", with_store(archive, b"anything"))
    await refused(422, "not a wallet's store", with_store(archive, store_of(archive)[:20_000]))
    meddled = tmp_path / "meddled.db"
    meddled.write_bytes(store_of(archive))
    file = sqlite3.connect(meddled)
    file.execute("CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END")
    file.commit()
    file.close()
    await refused(422, "not a wallet's store", with_store(archive, meddled.read_bytes()))
    assert set(stores.iterdir()) == before


async def test_only_an_open_wallet_is_exported_also_while_it_is_in_use(world: World) -> None:
    learner = await world.new_learner()
    api = learner._opened()
    offer, exchange_id = await world.offer(learner, world.award("Amina"))
    await learner.accept(offer["id"])

    archives = [await learner.export() for _ in range(3)]

    assert {archive["format"] for archive in archives} == {"ujuzi-wallet/1"}
    await world.issue(exchange_id)
    await learner.credential(30)
    await learner.lock()
    with pytest.raises(ServiceRefused) as refused:
        await api.get("/v1/wallet/export")
    assert refused.value.status == 423


def store_of(archive: dict[str, Any]) -> bytes:
    data = archive["store"]["data"]
    return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))


def with_store(archive: dict[str, Any], store: bytes) -> dict[str, Any]:
    data = base64.urlsafe_b64encode(store).rstrip(b"=").decode()
    return archive | {"store": {"kind": "askar-sqlite", "sha256": sha256(store).hexdigest(), "data": data}}
