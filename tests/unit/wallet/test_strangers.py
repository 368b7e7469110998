"""Whoever names a wallet that does not live here is answered as if it did, and so is another wallet's session."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import uuid4

import httpx
import pytest

from shared.vc.wallet_lock import WrongPassphrase, unwrap, wrap
from tests.unit.wallet.test_api import KEY, WRONG, Api, api
from wallet.domain.decoy import USUAL_SETS, decoy_methods
from wallet.domain.unlock import check_methods

__all__ = ["api"]

WORDS = "five words of my own"


def shape(found: object) -> object:
    """What is there without the values: names, kinds and lengths."""
    if isinstance(found, dict):
        return {name: shape(value) for name, value in found.items()}
    if isinstance(found, list):
        return [shape(each) for each in found]
    return len(found) if isinstance(found, str) else found


async def real_wallet(api: Api) -> tuple[str, dict[str, str]]:
    """One with both ways to unlock, under an id as agents give them."""
    methods = [
        {"method": kind, "envelope": wrap(b"k" * 32, WORDS)} for kind in ("passphrase", "recovery-kit")
    ]
    made = await api.client.post("/v1/wallets", json={"wallet_key": KEY, "unlock_methods": methods})
    return made.json()["wallet_id"], {"Authorization": f"Bearer {made.json()['session_token']}"}


async def methods_of(api: Api, wallet_id: str, token: dict[str, str] | None = None) -> httpx.Response:
    return await api.client.get(f"/v1/wallets/{wallet_id}/unlock-methods", headers=token or {})


async def test_ways_to_unlock_look_alike_whether_the_wallet_lives_here_or_not(api: Api) -> None:
    wallet_id, _ = await real_wallet(api)
    nobodys = next(each for each in many() if len(decoy_methods(api.decoy_key, each)) == 2)

    real, decoy = await methods_of(api, wallet_id), await methods_of(api, nobodys)

    assert decoy.status_code == real.status_code == httpx.codes.OK
    assert shape([{**one, "id": ""} for one in decoy.json()["items"]]) == shape(
        [{**one, "id": ""} for one in real.json()["items"]]
    )
    assert decoy.json() == (await methods_of(api, nobodys)).json(), "the same each time"
    assert decoy.json() != (await methods_of(api, str(uuid4()))).json()


def many() -> Iterator[str]:
    while True:
        yield str(uuid4())


def test_every_set_of_ways_that_wallets_have_is_drawn_for_some_id_and_each_could_be_hers() -> None:
    drawn = [decoy_methods(b"key", wallet_id) for wallet_id in islice(many(), 200)]
    for methods in drawn:
        check_methods(methods)
        assert all(method.made_at < datetime.now(UTC) for method in methods)
    assert {tuple(one.method for one in methods) for methods in drawn} == set(USUAL_SETS)


def test_a_decoy_is_an_envelope_that_nothing_opens_and_another_key_draws_another() -> None:
    wallet_id = str(uuid4())
    with pytest.raises(WrongPassphrase):
        unwrap(decoy_methods(b"key", wallet_id)[0].envelope, WORDS)
    assert decoy_methods(b"key", wallet_id) != decoy_methods(b"another key", wallet_id)


async def test_no_key_opens_a_wallet_that_is_not_here_and_the_answer_is_that_to_a_wrong_key(api: Api) -> None:
    wallet_id, token = await real_wallet(api)
    await api.client.post("/v1/lock", headers=token)

    answers = [
        await api.client.post(f"/v1/wallets/{each}/unlock", json={"wallet_key": WRONG})
        for each in (wallet_id, str(uuid4()))
    ]

    assert [each.status_code for each in answers] == [403, 403]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


async def test_a_wallet_that_is_not_here_looks_locked_and_empty(api: Api) -> None:
    wallet_id, token = await real_wallet(api)
    await api.client.post("/v1/lock", headers=token)
    nobodys = str(uuid4())

    told = [(await api.client.get(f"/v1/wallets/{each}")).json() for each in (wallet_id, nobodys)]

    assert told[0] == {"wallet_id": wallet_id, "state": "locked", "waiting": 0}
    assert told[1] == {"wallet_id": nobodys, "state": "locked", "waiting": 0}


async def test_what_can_be_no_wallets_id_is_told_so(api: Api) -> None:
    for path in ("/v1/wallets/none", "/v1/wallets/none/unlock-methods"):
        answer = await api.client.get(path)
        assert (answer.status_code, "No wallet of that id" in answer.json()["detail"]) == (404, True), path


async def test_a_session_that_is_over_asks_as_nobody_does(api: Api) -> None:
    wallet_id, token = await real_wallet(api)
    await api.client.post("/v1/lock", headers=token)
    assert (await methods_of(api, wallet_id, token)).json() == (await methods_of(api, wallet_id)).json()
