"""NATS over TLS, by the certificates `ujuzi deploy secrets` makes."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.launcher.adapters.certificates import certificates
from shared.adapters.jetstream import BusUnavailable, connect
from tests.support.free_port import free_port
from tests.support.nats_server import nats_binary
from tests.support.wait import until

CONF = Path(__file__).parents[3] / "deploy" / "nats"
PASSWORD = "u-password-for-tests-only"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A server with deploy/nats/tls.conf, its certificate in this folder; where it is."""
    for name, content in certificates({"nats": ["localhost"]}, now=datetime.now(UTC)).items():
        (tmp_path / name).write_text(content)
    (tmp_path / "conf").mkdir()
    for file in CONF.glob("*.conf"):
        (tmp_path / "conf" / file.name).write_text(file.read_text().replace("/run/ujuzi", str(tmp_path)))
    port = free_port()
    environment = {
        "UJUZI_NATS_LISTEN": f'"127.0.0.1:{port}"',
        "UJUZI_NATS_STORE": json.dumps(str(tmp_path / "store")),
        "UJUZI_NATS_PARTY_STORE": "4GB",
        **{
            f"UJUZI_NATS_{party}_PASSWORD": PASSWORD for party in ("ISSUER", "WALLET", "VERIFIER", "REGISTRY")
        },
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [nats_binary(), "-c", tmp_path / "conf" / "tls.conf"], env=environment, stdout=log, stderr=log
        )
    try:
        yield f"localhost:{port}"
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def one_of_a_cluster(folder: Path) -> Iterator[int]:
    """A server with deploy/nats/cluster.conf; the port where it expects the others."""
    clients, servers = free_port(), free_port()
    environment = {
        "UJUZI_NATS_NAME": '"nats-1"',
        "UJUZI_NATS_LISTEN": f'"127.0.0.1:{clients}"',
        "UJUZI_NATS_CLUSTER_LISTEN": f'"127.0.0.1:{servers}"',
        "UJUZI_NATS_CLUSTER_PASSWORD": PASSWORD,
        "UJUZI_NATS_ROUTES": json.dumps([f"nats-route://cluster:{PASSWORD}@127.0.0.1:{free_port()}"]),
        "UJUZI_NATS_STORE": json.dumps(str(folder / "store")),
        "UJUZI_NATS_PARTY_STORE": "4GB",
        **{
            f"UJUZI_NATS_{party}_PASSWORD": PASSWORD for party in ("ISSUER", "WALLET", "VERIFIER", "REGISTRY")
        },
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [nats_binary(), "-c", CONF / "cluster.conf"], env=environment, stdout=log, stderr=log
        )
    try:
        yield servers
    finally:
        process.terminate()
        process.wait(15)


async def answer_to_a_server(port: int, password: str) -> bytes:
    """What is said last to one that says it belongs to the cluster, before its first ping is answered or it is shut out."""

    async def listening() -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return None

    reader, writer = await until(listening, 30, "the server listens to others")
    try:
        said = {"user": "cluster", "pass": password, "name": "stranger", "verbose": False, "cluster": "ujuzi"}
        about = {"server_id": "stranger", "server_name": "stranger", "cluster": "ujuzi", "port": 1}
        writer.write(f"CONNECT {json.dumps(said)}\r\nINFO {json.dumps(about)}\r\nPING\r\n".encode())
        async with asyncio.timeout(20):
            while line := await reader.readline():
                if line.startswith((b"-ERR", b"PONG")):
                    return line
    finally:
        writer.close()
    return b""


async def test_no_server_joins_a_cluster_without_its_password(tmp_path: Path) -> None:
    with one_of_a_cluster(tmp_path) as port:
        assert b"Authorization Violation" in await answer_to_a_server(port, "another-password")
        assert b"Authorization Violation" not in await answer_to_a_server(port, PASSWORD)


async def test_whoever_knows_its_authority_reaches_nats_and_nobody_else(server: str, tmp_path: Path) -> None:
    client = await connect(f"tls://{server}", "issuer", PASSWORD, ca_file=str(tmp_path / "ca.pem"))
    assert client.connected_url is not None
    assert client.connected_url.scheme == "tls"
    await client.close()

    with pytest.raises(BusUnavailable, match=r"expected a NATS server at tls://localhost"):
        await connect(f"tls://{server}", "issuer", PASSWORD, timeout=2)
    with pytest.raises(BusUnavailable, match=r"expected certificates as PEM in /none/ca\.pem"):
        await connect(f"tls://{server}", "issuer", PASSWORD, ca_file="/none/ca.pem")
