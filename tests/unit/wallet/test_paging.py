"""Every list of a wallet comes in pages, and the pages together are the list."""

from collections.abc import Sequence

import httpx
import pytest

from tests.support.wallet_fakes import a_credential, an_offer
from tests.unit.wallet.test_api import Api, api
from wallet.domain.part import ALL, Part, part_of
from wallet.errors import PlaceUnknown

__all__ = ["api"]


def part(after: str | None, limit: int | None) -> Sequence[str]:
    return part_of(["c", "a", "b"], Part(after, limit), key=str)


def test_a_part_follows_what_was_seen_in_the_lists_own_order() -> None:
    assert part_of(["c", "a"], ALL, key=str) == ["c", "a"]
    assert part(None, 2) == ["c", "a"]
    assert part("a", 2) == ["b"]
    assert part("b", 2) == []
    with pytest.raises(PlaceUnknown, match="Read from the start again"):
        part("gone", 2)


@pytest.mark.parametrize("path", ["/v1/offers", "/v1/credentials"])
async def test_the_pages_together_are_the_list(api: Api, path: str) -> None:
    wallet_id, token = await api.new_wallet()
    ids = [f"id-{number}" for number in range(5)]
    api.sealed.stores[wallet_id].offered |= {one: an_offer(one) for one in ids}
    api.sealed.stores[wallet_id].held |= {one: a_credential(one) for one in ids}
    whole = (await api.client.get(path, headers=token)).json()
    assert whole["next"] is None

    seen, after = [], None
    while True:
        asked = {"limit": "2"} | ({"after": after} if after else {})
        page = (await api.client.get(path, params=asked, headers=token)).json()
        seen.append([one["id"] for one in page["items"]])
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in seen] == [2, 2, 1]
    assert [one for page in seen for one in page] == [one["id"] for one in whole["items"]]


@pytest.mark.parametrize("path", ["/v1/offers", "/v1/credentials", "/v1/requests", "/v1/history"])
async def test_a_cursor_nobody_gave_out_is_refused(api: Api, path: str) -> None:
    _, token = await api.new_wallet()
    for after in ("bm9uZQ", "!"):
        answer = await api.client.get(path, params={"after": after}, headers=token)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert "Expected `after` to be the `next` of an earlier page" in answer.json()["detail"]
