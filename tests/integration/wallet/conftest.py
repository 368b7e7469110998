"""One world for all tests of the wallet: starting agents is what takes time."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.nats_server import NatsServer, running_nats
from tests.support.wallet import World, running_world


@pytest.fixture(scope="session")
def wallet_nats() -> Iterator[NatsServer]:
    with running_nats() as server:
        yield server


@pytest.fixture(scope="session")
async def world(wallet_nats: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(tmp_path_factory.mktemp("wallet"), wallet_nats) as started:
        yield started
