"""A NATS server with the configuration we deploy: an account for each party."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.launcher.adapters.bundled_files import nats_config, nats_server
from tests.support.free_port import free_port
from tests.support.wait import until

PARTIES = ("issuer", "wallet", "verifier", "registry")


@asynccontextmanager
async def deployed_nats(folder: Path) -> AsyncIterator[str]:
    """Its address, while it runs; party x has the password "password-of-x"."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        nats_server(),
        "--config",
        str(nats_config()),
        env=os.environ
        | {f"UJUZI_NATS_{party.upper()}_PASSWORD": f'"password-of-{party}"' for party in PARTIES}
        | {
            "UJUZI_NATS_LISTEN": f'"127.0.0.1:{port}"',
            "UJUZI_NATS_STORE": f'"{folder}"',
            "UJUZI_NATS_PARTY_STORE": "4GB",
        },
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await until(answers, 30, "NATS listens")
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
