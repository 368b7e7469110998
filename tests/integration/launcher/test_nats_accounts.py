"""The NATS configuration we deploy: every party has an account of its own, and only list announcements cross over."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.adapters.jetstream import BusUnavailable, connect
from tests.support.deployed_nats import PARTIES, deployed_nats


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with deployed_nats(tmp_path) as address:
        yield address


@pytest.fixture
async def clients(url: str) -> AsyncIterator[dict[str, Client]]:
    async with AsyncExitStack() as stack:
        made = {}
        for party in PARTIES:
            made[party] = await nats.connect(url, user=party, password=f"password-of-{party}")
            stack.push_async_callback(made[party].close)
        yield made


async def test_only_the_registrys_announcements_cross_from_party_to_party(clients: dict[str, Client]) -> None:
    heard = {party: await client.subscribe(">") for party, client in clients.items()}
    for client in clients.values():
        await client.flush()

    for party in ("issuer", "wallet", "verifier"):
        for subject in ("didcomm.in.base", "agent.rpc.publish_resource", "trust.lists.forged"):
            await clients[party].publish(subject, party.encode())
        await clients[party].flush()
    await clients["registry"].publish("didcomm.in.base", b"registry")
    await clients["registry"].publish("trust.lists.demo", b"registry")
    await clients["registry"].flush()

    for party, subscription in heard.items():
        messages: list[Msg] = []
        while not messages or messages[-1].subject != "trust.lists.demo":
            messages.append(await subscription.next_msg(10))
        foreign = [message.subject for message in messages if message.data != party.encode()]
        assert foreign == ([] if party == "registry" else ["trust.lists.demo"])


async def test_no_party_gets_in_with_anothers_password_or_without_one(url: str) -> None:
    for user, password in (("issuer", "password-of-wallet"), ("registry", ""), ("nobody", "x")):
        with pytest.raises(BusUnavailable, match="are user and password right"):
            await connect(url, user, password, timeout=3)
