"""An organisation's DID, read from the log its service publishes."""

import json

import httpx

from services.launcher.adapters.http_json import wait_for
from services.launcher.errors import ServiceRefused

_SECONDS = 20.0


class HttpDid:
    """Finds the DID of one organisation at the service that hosts it."""

    def __init__(self, base_url: str, slug: str, client: httpx.AsyncClient) -> None:
        self._url = f"{base_url}/orgs/{slug}/did.jsonl"
        self._client = client

    async def did(self) -> str:
        """Wait for the log to be there; return the DID of its newest document."""

        async def look() -> str | None:
            try:
                answer = await self._client.get(self._url)
            except httpx.HTTPError as error:
                raise ServiceRefused(f"GET {self._url} got no answer: {error!r}.", status=0) from error
            if answer.status_code != httpx.codes.OK:
                return None
            return str(json.loads(answer.text.strip().splitlines()[-1])["state"]["id"])

        return await wait_for(look, seconds=_SECONDS, what=f"the DID log at {self._url}")
