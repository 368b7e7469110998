"""One exchange for all tests of the agent: starting agents is what takes time."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.agents import Party, running_parties
from tests.support.flows import prepare_issuing
from tests.support.nats_server import NatsServer, running_nats


@pytest.fixture(scope="session")
def exchange_nats() -> Iterator[NatsServer]:
    with running_nats() as server:
        yield server


@pytest.fixture(scope="session")
async def parties(
    exchange_nats: NatsServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Party]]:
    folder: Path = tmp_path_factory.mktemp("exchange")
    async with running_parties(folder, exchange_nats, "issuer", "wallet", "verifier") as started:
        yield started


@pytest.fixture(scope="session")
async def cred_def_id(parties: dict[str, Party]) -> str:
    return await prepare_issuing(parties["issuer"], revocable=False)
