"""Starts the stock agent and does with its admin API what its owner would do."""

import asyncio
import json
import os
import signal
import sys
from base64 import urlsafe_b64decode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx

from tests.support.free_port import free_port
from tests.support.wait import until

_ROOT = Path(__file__).parents[3]
_START_SECONDS = 40
_EXCHANGE_SECONDS = 40


class StockAgent:
    """The agent of somebody who has never heard of Ujuzi."""

    def __init__(self, admin: httpx.AsyncClient) -> None:
        self._admin = admin

    async def is_ready(self) -> bool:
        try:
            return (await self._admin.get("/status/ready")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def receive(self, invitation_url: str) -> None:
        """Take an out-of-band invitation as it stands in its URL."""
        encoded = httpx.URL(invitation_url).params["oob"]
        invitation = json.loads(_base64url(encoded))
        answer = await self._admin.post(
            "/out-of-band/receive-invitation", params={"auto_accept": "true"}, json=invitation
        )
        assert answer.status_code == httpx.codes.OK, answer.text

    async def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._get("/credentials"))["results"]
        return found

    async def take_award(self, invitation_url: str) -> dict[str, Any]:
        """Claim; the agent accepts offers and stores credentials by itself. Returns the credential."""
        before = len(await self.credentials())
        await self.receive(invitation_url)

        async def stored() -> list[dict[str, Any]]:
            return (await self.credentials())[before:]

        held: list[dict[str, Any]] = await until(
            stored, _EXCHANGE_SECONDS, "the stock agent holds a credential"
        )
        return held[0]

    async def answer(self, invitation_url: str) -> None:
        """Answer a verifier's request with what the agent holds."""
        await self.receive(invitation_url)

    async def _get(self, path: str) -> dict[str, Any]:
        answer = await self._admin.get(path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def stock_agent(
    home: Path, hosts: Mapping[str, str], *, status_list: Literal["newest", "oldest"] = "newest"
) -> AsyncGenerator[StockAgent]:
    """Run a stock agent with plain HTTP transports and only the small resolver added.

    With `status_list="oldest"` its owner cheats: it proves over the status list from before any revocation.
    """
    inbound, admin = free_port(), free_port()
    command = [
        sys.executable, "-m", "acapy_agent", "start",
        "--label", "A wallet of somebody else",
        "--inbound-transport", "http", "127.0.0.1", str(inbound), "--outbound-transport", "http",
        "--endpoint", f"http://127.0.0.1:{inbound}",
        "--admin", "127.0.0.1", str(admin), "--admin-insecure-mode",
        "--no-ledger", "--wallet-type", "askar-anoncreds", "--wallet-name", "stock", "--wallet-key", "stock",
        "--auto-provision",
        "--auto-accept-requests", "--auto-respond-messages", "--auto-respond-credential-offer",
        "--auto-store-credential", "--auto-respond-presentation-request",
        "--plugin", "tests.support.stock_agent",
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(_ROOT),
        "STOCK_AGENT_HOSTS": json.dumps(dict(hosts)),
        "STOCK_AGENT_STATUS_LIST": status_list,
    }
    with (home / "stock-agent.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=log, stderr=log, cwd=home, env=environment, start_new_session=True
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{admin}", timeout=30) as client:
            agent = StockAgent(client)
            await until(agent.is_ready, _START_SECONDS, "the stock agent is ready")
            yield agent
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
