"""Servers that these tests may stop at will."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Cluster, cluster, fresh_database


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    """A PostgreSQL server of a module's own."""
    with cluster() as own:
        yield own


@pytest.fixture(params=["postgresql", "sqlite"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database: the file `service.db`, or one in the server that may be stopped."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    servers: Cluster = request.getfixturevalue("servers")
    return await fresh_database(servers.url)
