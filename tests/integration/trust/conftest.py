"""A registry for each test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.trust.registry import Registry, running_registry, sqlite_url
from tests.support.nats_server import NatsServer


@pytest.fixture
async def registry(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Registry]:
    """A fresh trust registry."""
    async with running_registry(sqlite_url(tmp_path), nats_server) as running:
        yield running
