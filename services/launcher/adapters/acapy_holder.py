"""A learner whose wallet is a stock ACA-Py, over that agent's own admin API."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

import httpx

from services.launcher.adapters.http_json import wait_for
from services.launcher.domain.foreign_wallet import ForeignWallet
from services.launcher.errors import ServiceRefused
from services.launcher.ports import RunPrograms

_PATIENCE_SECONDS = 45.0
_TIMEOUT = 30.0


class AcapyHolder:
    """Starts the agent and hands it links; the agent does the rest by itself."""

    def __init__(self, wallet: ForeignWallet, run: RunPrograms, client: httpx.AsyncClient) -> None:
        self._wallet = wallet
        self._run = run
        self._client = client

    async def create(self) -> None:
        """Start the agent. Raises CannotStart, NotReady."""
        await self._run.start((self._wallet.program(),))

    async def take_award(self, invitation_url: str) -> None:
        """Open the invitation; the agent accepts what is offered. Return once a credential more is stored."""
        before = len(await self.credentials())
        await self.answer(invitation_url)

        async def stored() -> bool | None:
            return len(await self.credentials()) > before or None

        await wait_for(stored, seconds=_PATIENCE_SECONDS, what="a credential in the foreign wallet")

    async def answer(self, invitation_url: str) -> Sequence[str]:
        """Open the invitation; the agent answers what is asked with what it holds, and tells nothing of who asks."""
        encoded = httpx.URL(invitation_url).params["oob"]
        invitation = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        await self._call("POST", "/out-of-band/receive-invitation?auto_accept=true", json=invitation)
        return ()

    async def credentials(self) -> list[dict[str, Any]]:
        """Every credential it holds, as ACA-Py writes them."""
        found: list[dict[str, Any]] = (await self._call("GET", "/credentials"))["results"]
        return found

    async def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:  # noqa: ANN401  httpx's own
        url = f"{self._wallet.admin}{path}"
        try:
            answer = await self._client.request(
                method, url, headers={"X-API-Key": self._wallet.key}, timeout=_TIMEOUT, **content
            )
        except httpx.HTTPError as error:
            raise ServiceRefused(f"{method} {url} got no answer: {error!r}.", status=0) from error
        if answer.is_error:
            raise ServiceRefused(
                f"{method} {url} was refused: {answer.status_code} {answer.text[:200]}",
                status=answer.status_code,
            )
        found: dict[str, Any] = answer.json()
        return found
