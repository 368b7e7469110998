"""Wallets spread over shards: where one is made, who is asked, and what one that is away costs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from shared.adapters.acapy_client import AcapyClient, AgentUnavailable
from shared.adapters.acapy_recipients import AgentRecipients
from shared.ports.didcomm import Recipient
from tests.support.agent_http import asking
from tests.support.wallet_fakes import NOW, ROOM, MemoryBook
from wallet.adapters.acapy_wallet import AcapySealedWallets
from wallet.adapters.sharded_wallets import AWAY_SECONDS, ShardedRecipients, ShardedWallets
from wallet.domain.shard import Placed, roomiest_first, together
from wallet.errors import AgentSilent, InstallationFull, WalletUnknown
from wallet.settings import Settings

KEY = bytes(32)
GIVEN: dict[str, Any] = {
    "profile": "development", "port": 1, "base_url": "http://localhost:1", "database_url": "sqlite:///x.db",
    "secret_key": "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M=", "nats_url": "nats://x", "nats_user": "wallet",
    "nats_password": "p", "agent_url": "http://one", "agent_key": "k",
}  # fmt: skip


class Agents:
    """Stand-ins for agents' admin APIs; what each was asked for."""

    def __init__(self, *shards: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self.status: dict[str, int] = dict.fromkeys(shards, httpx.codes.OK)
        self.book = MemoryBook()
        self.seconds = 0.0
        self.clients = {shard: self._client(shard) for shard in shards}
        stores = {shard: AcapySealedWallets(client) for shard, client in self.clients.items()}
        self.wallets = ShardedWallets(stores, self.book, seconds=lambda: self.seconds)
        self.recipients = ShardedRecipients(
            [AgentRecipients(client, shard=shard) for shard, client in self.clients.items()]
        )

    def _client(self, shard: str) -> AcapyClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append((shard, f"{request.method} {request.url.path}"))
            answered: Mapping[str, object] = {
                "wallet_id": f"in-{shard}", "token": f"token-of-{shard}", "state": "open", "waiting": 0, "keys": ["k"]
            }  # fmt: skip
            if "/recipients/" in request.url.path and not request.url.path.endswith(f"of-{shard}"):
                return httpx.Response(httpx.codes.NOT_FOUND)
            return httpx.Response(self.status[shard], content=json.dumps(answered))

        return AcapyClient(f"http://{shard}", "key", ask=asking(httpx.MockTransport(answer)))

    async def holds(self, **wallets: int) -> None:
        """So many are in the book already."""
        for shard, many in wallets.items():
            for number in range(many):
                await self.book.add(f"{shard}-{number}", [], now=NOW, shard=shard)


def test_a_wallet_is_made_where_the_fewest_are_and_not_where_nobody_answered() -> None:
    held = {"a": 3, "b": 1}
    assert roomiest_first(["a", "b", "c"], held, away=()) == ["c", "b", "a"]
    assert roomiest_first(["a", "b", "c"], held, away={"c"}) == ["b", "a", "c"]


async def test_it_is_made_in_the_roomiest_shard_that_answers() -> None:
    agents = Agents("a", "b")
    await agents.holds(a=2, b=1)

    assert await agents.wallets.create(KEY) == Placed("in-b", "b")
    agents.status["b"] = httpx.codes.BAD_GATEWAY
    assert await agents.wallets.create(KEY) == Placed("in-a", "a")

    agents.asked.clear()
    assert await agents.wallets.take_in(b"store") == Placed("in-a", "a")
    assert [shard for shard, _ in agents.asked] == ["a"], "who did not answer is not waited for again"
    agents.seconds += AWAY_SECONDS
    agents.status["b"] = httpx.codes.OK
    assert await agents.wallets.create(KEY) == Placed("in-b", "b")


async def test_a_shard_whose_disk_is_full_leaves_it_to_the_others() -> None:
    agents = Agents("a", "b")
    agents.status["a"] = httpx.codes.CONFLICT
    assert await agents.wallets.create(KEY) == Placed("in-b", "b")

    agents.status["b"] = httpx.codes.CONFLICT
    with pytest.raises(InstallationFull, match="disk nearly full"):
        await agents.wallets.create(KEY)
    agents.status["b"] = httpx.codes.BAD_GATEWAY
    with pytest.raises(AgentSilent, match="did not answer"):
        await agents.wallets.create(KEY)


async def test_each_call_goes_to_the_wallets_own_shard() -> None:
    agents = Agents("a", "b")
    await agents.holds(a=1, b=1)

    token = await agents.wallets.open("b-0", KEY)
    await agents.wallets.opened(token).write_note("c", "n", {})
    await agents.wallets.state("b-0")
    await agents.wallets.close("b-0")
    assert await agents.wallets.has_keys_out("b-0")
    await agents.wallets.delete("b-0")
    await agents.wallets.delete("new", shard="b")
    assert {shard for shard, _ in agents.asked} == {"b"}
    assert token.endswith("token-of-b")


async def test_a_wallet_that_is_not_in_the_book_is_nowhere_asked_for() -> None:
    agents = Agents("a", "b")

    with pytest.raises(WalletUnknown):
        await agents.wallets.open("nobody", KEY)
    with pytest.raises(WalletUnknown):
        await agents.wallets.state("nobody")
    await agents.wallets.close("nobody")
    await agents.wallets.delete("nobody")
    assert not await agents.wallets.has_keys_out("nobody")
    assert agents.asked == []


async def test_a_shard_without_an_agent_is_said_to_be_one() -> None:
    agents = Agents("a", "b")
    await agents.holds(c=1)

    with pytest.raises(AgentSilent, match="No agent is named for shard c"):
        await agents.wallets.state("c-0")


async def test_an_envelope_finds_the_shard_that_has_its_key_whoever_else_is_away() -> None:
    agents = Agents("a", "b")
    agents.status["a"] = httpx.codes.BAD_GATEWAY

    assert await agents.recipients("key-of-b") == Recipient("in-b", shard="b")
    agents.asked.clear()
    assert await agents.recipients("key-of-b") == Recipient("in-b", shard="b")
    assert agents.asked == [], "it is remembered"


async def test_a_key_nobody_knows_is_unknown_only_when_all_were_asked() -> None:
    agents = Agents("a", "b")
    assert await agents.recipients("key-of-nobody") is None

    agents.status["a"] = httpx.codes.BAD_GATEWAY
    with pytest.raises(AgentUnavailable):
        await agents.recipients("key-of-a")


def test_the_room_of_all_is_a_sum_and_the_disk_that_is_full_first() -> None:
    roomy = replace(ROOM, stores=1, largest_store=1, free=10**12, disk=10**13, waiting=4)
    assert together([ROOM, roomy]) == replace(ROOM, stores=ROOM.stores + 1)


def test_further_shards_are_named_and_the_main_one_is_the_first_settings() -> None:
    assert Settings(**GIVEN).shards == {"main": "http://one"}
    assert Settings(**GIVEN, agents={"b": "http://two"}).shards == {"main": "http://one", "b": "http://two"}
    with pytest.raises(ValueError, match="its agent is WALLET_AGENT_URL"):
        Settings(**GIVEN, agents={"main": "http://two"})
    with pytest.raises(ValueError, match="pattern"):
        Settings(**GIVEN, agents={"B.2": "http://two"})


@pytest.mark.parametrize("replicas", [1, 2, 3, 10])
def test_replicas_together_let_no_more_wrong_keys_and_new_wallets_pass_than_is_set(replicas: int) -> None:
    one = Settings(**GIVEN, replicas=replicas)
    assert 0 < one.unlocks_here * replicas <= one.unlocks_a_minute
    assert 0 < one.new_wallets_here * replicas <= one.new_wallets_a_day_of_one_address


def test_with_more_replicas_than_a_limit_has_each_lets_one_pass() -> None:
    assert Settings(**GIVEN, replicas=4, unlocks_a_minute=3).unlocks_here == 1
