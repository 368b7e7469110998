"""A NATS server with JetStream for tests, stopped and started again at will."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.adapters.jetstream import Bus
from tests.support.free_port import free_port

PASSWORD = "password-for-tests-only"
TRUST_LISTS = (
    'imports: [{stream: {account: REGISTRY, subject: "trust.lists.>"}}]',
    'exports: [{stream: "trust.lists.>"}]',
)
"""All that accounts share, as in a deployment: the registry announces, the others listen."""
ACCOUNTS = ("ISSUER", "WALLET", "VERIFIER", "REGISTRY")


class NatsServer:
    """One server process; its store survives `stop` and `start`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        accounts = "\n".join(
            f"{name}: {{jetstream: enabled, {TRUST_LISTS[name == 'REGISTRY']}, "
            f'users: [{{user: {name.lower()}, password: "{PASSWORD}"}}]}}'
            for name in ACCOUNTS
        )
        (folder / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\nmax_payload: 8MB\n'
            f'jetstream: {{store_dir: "{folder}/store", max_file_store: 13GB}}\naccounts: {{\n{accounts}\n}}\n'
        )

    def start(self) -> None:
        """Start and wait until it accepts connections."""
        with (self._folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(
                [nats_binary(), "-c", self._folder / "nats.conf"], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 15
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"nats-server did not start:\n{(self._folder / 'nats.log').read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """Stop it; its store stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(15)
            self._process = None

    def lose_disk(self) -> None:
        """Stop it and forget all it stored."""
        self.stop()
        shutil.rmtree(self._folder / "store")

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def nats_binary() -> str:
    """The server that the requirements bring."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        pytest.fail("expected nats-server beside Python or on the PATH: install requirements/dev.txt")
    return found


@contextmanager
def running_nats() -> Iterator[NatsServer]:
    """A server in a temporary folder, stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="ujuzi-nats-"))
    server = NatsServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    """A server of this test's own."""
    with running_nats() as server:
        yield server


@pytest.fixture
async def bus(nats_server: NatsServer) -> AsyncIterator[Bus]:
    """The issuer's connection, with every stream made."""
    async with Bus(nats_server.url, "issuer", PASSWORD) as connected:
        yield connected
