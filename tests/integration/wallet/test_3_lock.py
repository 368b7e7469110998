"""A wallet only its learner opens."""

import logging
import secrets

import pytest

from services.launcher.errors import ServiceRefused
from shared.vc.wallet_lock import WrongPassphrase
from tests.support.agents import serving
from tests.support.free_port import free_port
from tests.support.nats_server import NatsServer
from tests.support.traces import traces
from tests.support.wait import until
from tests.support.wallet import World, connected, invitation
from wallet.main import create_app

LOCKED, FORBIDDEN, UNAUTHORISED = 423, 403, 401


async def test_a_locked_wallet_answers_nothing_until_it_is_unlocked(world: World) -> None:
    learner = await world.new_learner()
    api = learner._opened()
    await learner.lock()

    with pytest.raises(ServiceRefused) as refused:
        await api.get("/v1/credentials")
    assert refused.value.status == LOCKED
    assert (await learner.state())["state"] == "locked"

    with pytest.raises(WrongPassphrase):
        await learner.unlock("five words that are wrong")
    await learner.unlock(world.passphrase)
    assert await learner.credentials() == []


async def test_a_wrong_key_is_refused(world: World) -> None:
    learner = await world.new_learner()
    await learner.lock()

    with pytest.raises(ServiceRefused) as refused:
        await learner._door.post(
            f"/v1/wallets/{learner.wallet_id}/unlock", {"wallet_key": secrets.token_urlsafe(32)}
        )

    assert refused.value.status == FORBIDDEN


async def test_a_call_without_a_token_is_refused(world: World) -> None:
    answer = await world.client.get(f"{world.url}/v1/credentials")

    assert answer.status_code == UNAUTHORISED
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_learners_token_does_not_pin_lists(world: World) -> None:
    learner = await world.new_learner()

    with pytest.raises(ServiceRefused) as refused:
        await learner._opened().get("/v1/trust-lists")

    assert refused.value.status == UNAUTHORISED


async def test_an_offer_for_a_locked_wallet_waits_and_is_counted(world: World) -> None:
    learner = await world.new_learner()
    link = await invitation(world.issuer, "ujuzi.claim-award")
    await learner.open_link(link.url)
    connection_id = await connected(world.issuer, link.id)
    await learner.lock()
    values = [{"name": name, "value": value} for name, value in world.award("Fatoumata").items()]
    await world.issuer.admin.post(
        "/issue-credential-2.0/send-offer",
        {
            "connection_id": connection_id,
            "auto_issue": False,
            "credential_preview": {
                "@type": "issue-credential/2.0/credential-preview", "attributes": values
            },
            "filter": {"anoncreds": {"cred_def_id": world.published.cred_def_id}},
        },
    )  # fmt: skip

    async def waits() -> bool:
        return bool((await learner.state())["waiting"] >= 1)

    await until(waits, 30, "the offer waits")
    await learner.unlock(world.passphrase)
    offer = await learner.offer(30)
    assert offer["issuer"]["name"] == "Digital Skills Trust"


async def test_nothing_of_a_locked_wallet_is_found_in_files_streams_and_logs(
    world: World, wallet_nats: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    learner = await world.new_learner()
    values = world.award("Ngũgĩwa")
    await world.give(learner, values)
    await learner.lock()

    telling = {
        values[name]
        for name in ("given_name", "family_name", "title", "grade", "awarded_dateint", "twin_digest")
    }
    places = [world.folder / "wallet", wallet_nats._folder]
    assert traces({*telling, world.passphrase}, places) == []
    assert not [value for value in telling if value in caplog.text]


async def test_after_a_restart_of_the_service_a_wallet_is_open_to_whoever_had_it_open(world: World) -> None:
    learner = await world.new_learner()
    token = learner._opened()._headers["Authorization"]
    port = free_port()
    again = world.settings.model_copy(update={"port": port})
    held = f"http://127.0.0.1:{port}/v1/credentials"

    async with serving(create_app(again), port):
        answer = await world.client.get(held, headers={"Authorization": token})
        assert answer.json()["items"] == []
        other = await world.client.get(held, headers={"Authorization": token + "x"})
        assert other.status_code == LOCKED
        await learner.lock()
        answer = await world.client.get(held, headers={"Authorization": token})
        assert answer.status_code == LOCKED
