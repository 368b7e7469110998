"""Servers of a NATS cluster on several machines know one another by the certificates `ujuzi deploy certificates` makes."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import nats.errors
import nats.js.errors
import pytest

from services.launcher.adapters.certificates import certificates
from shared.adapters.jetstream import connect
from tests.support.free_port import free_port
from tests.support.nats_server import nats_binary
from tests.support.wait import until

CONF = Path(__file__).parents[3] / "deploy" / "nats"
PASSWORD = "u-password-for-tests-only"
PATIENCE = 60.0


class Server:
    """One server: its name, its ports, and its folder with store and log."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.clients, self.servers, self._monitor = free_port(), free_port(), free_port()
        self._folder = folder / name
        self._folder.mkdir()

    @contextmanager
    def running(self, conf: Path, others: Sequence["Server"]) -> Iterator[None]:
        """Run with this file, told of these others and of the cluster's password."""
        routes = [f"nats-route://cluster:{PASSWORD}@localhost:{other.servers}" for other in others]
        environment = {
            "UJUZI_NATS_NAME": json.dumps(self.name),
            "UJUZI_NATS_LISTEN": f'"127.0.0.1:{self.clients}"',
            "UJUZI_NATS_STORE": json.dumps(str(self._folder / "store")),
            "UJUZI_NATS_PARTY_STORE": "12GB",
            "UJUZI_NATS_CLUSTER_LISTEN": f'"127.0.0.1:{self.servers}"',
            "UJUZI_NATS_CLUSTER_PASSWORD": PASSWORD,
            "UJUZI_NATS_ROUTES": json.dumps(routes),
            **{
                f"UJUZI_NATS_{party}_PASSWORD": PASSWORD
                for party in ("ISSUER", "WALLET", "VERIFIER", "REGISTRY")
            },
        }
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [nats_binary(), "-m", str(self._monitor), "-c", conf], env=environment, stdout=log, stderr=log
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(15)

    async def answers(self) -> bool:
        return await self._told("healthz?js-enabled-only=true") is not None

    async def knows(self) -> set[str]:
        """Names of the servers that it has a route with."""
        told = await self._told("routez") or {}
        return {route.get("remote_name", "") for route in told.get("routes") or []}

    async def _told(self, path: str) -> dict[str, list[dict[str, str]]] | None:
        async with httpx.AsyncClient() as client:
            try:
                found = await client.get(f"http://127.0.0.1:{self._monitor}/{path}")
            except httpx.TransportError:
                return None
        told: dict[str, list[dict[str, str]]] = found.json()
        return told

    def log(self) -> str:
        return (self._folder / "log").read_text()


def with_certificates(folder: Path) -> Path:
    """deploy/nats/cluster-tls.conf, in a folder with certificates of an authority of their own."""
    folder.mkdir()
    for name, content in certificates({"nats": ["localhost"]}, now=datetime.now(UTC)).items():
        (folder / name).write_text(content)
    for file in CONF.glob("*.conf"):
        (folder / file.name).write_text(file.read_text().replace("/run/ujuzi", str(folder)))
    return folder / "cluster-tls.conf"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    return with_certificates(tmp_path / "own")


@pytest.fixture
def cluster(tmp_path: Path, conf: Path) -> Iterator[list[Server]]:
    """Three servers with certificates of one authority."""
    servers = [Server(tmp_path, f"nats-{number}") for number in (1, 2, 3)]
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.running(conf, [other for other in servers if other is not server]))
        yield servers


def has_said(server: Server, words: str) -> bool:
    return words in server.log()


async def all_know_one_another(servers: Sequence[Server]) -> bool:
    names = {server.name for server in servers}
    return all([await server.knows() == names - {server.name} for server in servers])


async def test_with_certificates_they_form_a_cluster_that_keeps_each_message_three_times(
    cluster: list[Server], conf: Path
) -> None:
    await until(lambda: all_know_one_another(cluster), PATIENCE, "all three know one another")
    urls = ",".join(f"tls://localhost:{server.clients}" for server in cluster)
    client = await connect(urls, "issuer", PASSWORD, ca_file=str(conf.with_name("ca.pem")))
    try:

        async def kept() -> int:
            try:
                made = await client.jetstream().add_stream(name="tried", subjects=["tried"], num_replicas=3)
            except (nats.errors.TimeoutError, nats.js.errors.APIError):  # no server leads yet
                return 0
            return len(made.cluster.replicas or []) if made.cluster else 0

        assert await until(kept, PATIENCE, "the stream is made") == len(cluster) - 1
        assert not {url.hostname for url in client.discovered_servers} - {"localhost"}
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("stranger", "said"),
    [
        ("foreign", "certificate signed by unknown authority"),
        ("without", "first record does not look like a TLS handshake"),
    ],
)
async def test_a_server_with_another_authoritys_certificate_or_none_does_not_join(
    cluster: list[Server], conf: Path, tmp_path: Path, stranger: str, said: str
) -> None:
    """It knows the password and trusts the cluster's certificate: what keeps it out is the cluster."""
    if stranger == "foreign":
        own = with_certificates(tmp_path / "foreign")
        own.with_name("ca.pem").write_text(conf.with_name("ca.pem").read_text())
    else:
        own = CONF / "cluster.conf"
    await until(lambda: all_know_one_another(cluster), PATIENCE, "all three know one another")
    other = Server(tmp_path, "nats-4")
    with other.running(own, cluster):
        for server in cluster:
            await until(partial(has_said, server, said), PATIENCE, f"{server.name} says: {said}")
        await until(other.answers, PATIENCE, "the stranger runs")
        assert await other.knows() == set()
        assert await all_know_one_another(cluster)
