"""How full an installation is, told of all wallets together, and what is refused when it is full."""

import json
from datetime import timedelta

import httpx
import pytest

from tests.support.wallet_fakes import ROOM
from tests.unit.wallet.test_api import ADMIN, KEY, NEW, Api, api
from wallet.domain.capacity import Capacity, Held, Quota, check_quota, limits_of
from wallet.errors import EnoughForToday, InstallationFull

__all__ = ["api"]

QUOTA = Quota(most_wallets=3, most_new_wallets_a_day=2)


def test_one_below_each_limit_there_is_room() -> None:
    check_quota(Held(2, 1, 2), QUOTA)


def test_at_its_limit_an_installation_takes_no_wallet_and_says_where_to_go() -> None:
    with pytest.raises(InstallationFull, match=r"found 3 of at most 3 here.*elsewhere.*allow more"):
        check_quota(Held(3, 0, 0), QUOTA)


def test_of_many_made_in_a_day_the_next_is_asked_to_come_back() -> None:
    with pytest.raises(EnoughForToday, match=r"found 2 of at most 2.*tomorrow"):
        check_quota(Held(2, 2, 2), QUOTA)


def test_every_limit_says_how_far_it_is_used_and_what_sets_it() -> None:
    limits = {one.name: one for one in limits_of(Capacity(Held(2, 1, 2), 1, ROOM, QUOTA, {}))}
    assert (limits["wallets"].percent, limits["wallets"].set_by) == (67, "WALLET_MOST_WALLETS")
    assert limits["new_wallets_a_day"].percent == 50
    assert limits["largest_store_bytes"].percent == 1, "rounded up: what is used does not look unused"
    assert limits["free_disk_bytes"].percent is None


async def test_a_full_installation_refuses_new_wallets_and_goes_on_with_those_it_has(api: Api) -> None:
    api.limit(Quota(most_wallets=1))
    wallet_id, token = await api.new_wallet()
    archive = (await api.client.get("/v1/wallet/export", headers=token)).json()

    for path, body in (
        ("/v1/wallets", NEW),
        ("/v1/wallets/import", {"wallet_key": KEY, "archive": archive}),
    ):
        refused = await api.client.post(path, json=body)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "86400"), path
        assert "found 1 of at most 1 here" in refused.json()["detail"]
    assert list(api.sealed.keys) == [wallet_id]
    await api.client.post("/v1/lock", headers=token)
    opened = await api.client.post(f"/v1/wallets/{wallet_id}/unlock", json={"wallet_key": KEY})
    assert opened.status_code == httpx.codes.OK


async def test_a_day_later_wallets_are_made_again(api: Api) -> None:
    api.limit(Quota(most_new_wallets_a_day=1))
    await api.new_wallet()
    refused = await api.client.post("/v1/wallets", json=NEW)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "3600")

    api.clock.forward(timedelta(days=1))
    assert (await api.client.post("/v1/wallets", json=NEW)).status_code == httpx.codes.CREATED


async def test_an_administrator_reads_numbers_and_nothing_of_a_single_wallet(api: Api) -> None:
    (first, token), (second, _) = await api.new_wallet(), await api.new_wallet()
    await api.client.post("/v1/lock", headers=token)

    answer = await api.client.get("/v1/capacity", headers=ADMIN)

    told = answer.json()
    assert told["wallets"] == {
        "held": 2, "open": 1, "locked": 1, "made_last_day": 2, "made_last_30_days": 2
    }  # fmt: skip
    assert told["waiting"] == {"envelopes": 5, "bytes": 40_000, "most_for_one": 3}
    assert told["stores"] == {"bytes": 300_000, "largest_bytes": 200_000}
    assert {one["name"] for one in told["limits"]} >= {"wallets", "new_wallets_a_day", "free_disk_bytes"}
    assert not [each for each in (first, second, KEY, "passphrase") if each in json.dumps(told)]


async def test_nobody_else_reads_them(api: Api) -> None:
    _, token = await api.new_wallet()
    assert (await api.client.get("/v1/capacity")).status_code == httpx.codes.UNAUTHORIZED
    assert (await api.client.get("/v1/capacity", headers=token)).status_code == httpx.codes.UNAUTHORIZED
