"""The registry as the process that `ujuzi up` and a deployment start."""

import asyncio
import base64
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from services.trust_registry.main import MIGRATIONS
from tests.integration.trust.registry import ADMIN_KEY, HOST, sqlite_url
from tests.support.free_port import free_port
from tests.support.nats_server import PASSWORD, NatsServer
from tests.support.wait import until

ROOT = MIGRATIONS.parents[4]


def environment(folder: Path, nats_server: NatsServer, port: int) -> dict[str, str]:
    return {
        "REGISTRY_PROFILE": "development",
        "REGISTRY_PORT": str(port),
        "REGISTRY_BASE_URL": f"http://127.0.0.1:{port}",
        "REGISTRY_DATABASE_URL": sqlite_url(folder),
        "REGISTRY_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
        "REGISTRY_BOOTSTRAP_API_KEY": ADMIN_KEY,
        "REGISTRY_NATS_URL": nats_server.url,
        "REGISTRY_NATS_USER": "registry",
        "REGISTRY_NATS_PASSWORD": PASSWORD,
        "REGISTRY_DID_HOST": HOST,
        "REGISTRY_AUTHORITY_NAME": "Skills Quality Authority",
        "REGISTRY_TERRITORY": "KE",
    }


async def test_the_process_serves_its_list_and_stops_on_sigterm(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.trust_registry",
        cwd=ROOT,
        env=environment(tmp_path, nats_server, port),
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def ready() -> bool:
                assert process.returncode is None, "the process ended early"
                try:
                    return (await client.get("/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(ready, 30, "the registry is ready")
            assert (await client.get("/lists/accredited")).headers["content-type"] == "application/jose"
    finally:
        process.send_signal(signal.SIGTERM)
    # uvicorn ends by the signal it was sent, after an orderly shutdown
    assert await asyncio.wait_for(process.wait(), 15) in {0, -signal.SIGTERM}


def test_without_its_settings_it_says_which_are_missing() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "services.trust_registry"], cwd=ROOT, env={}, capture_output=True, check=False
    )

    assert answer.returncode != 0
    assert b"REGISTRY_AUTHORITY_NAME: Field required" in answer.stderr
