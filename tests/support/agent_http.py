"""Lets a stand-in written for httpx answer for an agent."""

from collections.abc import Mapping

import httpx

from shared.adapters.acapy_client import Answer, Ask


def asking(transport: httpx.AsyncBaseTransport) -> Ask:
    """`Ask` of whatever answers behind this transport."""
    client = httpx.AsyncClient(transport=transport)

    async def ask(
        method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        try:
            answer = await client.request(method, url, headers=headers, content=body, timeout=seconds)
        except httpx.HTTPError as error:
            raise ConnectionError(type(error).__name__) from error
        return Answer(answer.status_code, answer.reason_phrase, answer.content)

    return ask
