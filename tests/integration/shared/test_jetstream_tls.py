"""NATS over TLS, by the certificates `ujuzi deploy secrets` makes."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.launcher.adapters.certificates import certificates
from shared.adapters.jetstream import BusUnavailable, connect
from tests.support.free_port import free_port
from tests.support.nats_server import nats_binary

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


async def test_whoever_knows_its_authority_reaches_nats_and_nobody_else(server: str, tmp_path: Path) -> None:
    client = await connect(f"tls://{server}", "issuer", PASSWORD, ca_file=str(tmp_path / "ca.pem"))
    assert client.connected_url is not None
    assert client.connected_url.scheme == "tls"
    await client.close()

    with pytest.raises(BusUnavailable, match=r"expected a NATS server at tls://localhost"):
        await connect(f"tls://{server}", "issuer", PASSWORD, timeout=2)
    with pytest.raises(BusUnavailable, match=r"expected certificates as PEM in /none/ca\.pem"):
        await connect(f"tls://{server}", "issuer", PASSWORD, ca_file="/none/ca.pem")
