"""The agent's admin API: private, keyed, JSON.

AcapyError
├── AgentUnavailable   no answer, or a server error: the same call may succeed later
└── AgentRefused       a 4xx answer; `status` and `reason` as the agent gave them
    └── AgentUnknown   404
"""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from shared.adapters.outage import Outage
from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable
from shared.ports.tracing import carried, span

TIMEOUT = 30.0
KEEP_IDLE_SECONDS = 10.0
MOST_CONNECTIONS = 50
NOT_FOUND = 404
CLIENT_ERROR = 400
SERVER_ERROR = 500


class AcapyError(UjuziError):
    """Base class of this module's errors."""


class AgentUnavailable(AcapyError, Unavailable):
    """The agent gave no answer, or a server error."""

    part = "the agent"


class AgentRefused(AcapyError):
    """The agent refused the call."""

    def __init__(self, status: int, reason: str) -> None:
        """`reason` is the agent's own text: for logs and decisions, not for users."""
        super().__init__(f"the agent refused with status {status}: {reason}")
        self.status = status
        self.reason = reason


class AgentUnknown(AgentRefused):
    """The agent knows no such record."""


def in_path(identifier: str) -> str:
    """Encode an identifier for an admin path: twice where it holds percent signs, which aiohttp decodes."""
    once = quote(identifier, safe="")
    return quote(once, safe="") if "%" in identifier else once


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    reason: str
    body: bytes


type Ask = Callable[[str, str, Mapping[str, str], bytes | None, float], Awaitable[Answer]]
"""Sends method, URL, headers and body; the seconds bound each wait for the other side. Raises ConnectionError, named for what happened."""


class Connections:
    """Connections to agents, opened when they are needed.

    aiohttp's: a call costs a fifth of what httpx's does, and a claim makes some fifty.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        """`Ask`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=KEEP_IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, connect=seconds, sock_read=seconds),
            ) as answer:
                return Answer(answer.status, answer.reason or "", await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectionRefusedError(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ConnectionError(type(error).__name__) from error

    async def close(self) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class AcapyClient:
    """Thin JSON client; one per agent, closed with `async with` or `close()`."""

    def __init__(
        self, base_url: str, api_key: str, *, token: str | None = None, ask: Ask | None = None
    ) -> None:
        """`base_url` names an agent, or with commas between several that share one store: each call goes to the next.

        `token` is a tenant's; `ask` is for tests.
        """
        self._agents = deque(url.strip().rstrip("/") for url in base_url.split(","))
        self._base_url = self._agents[0]
        self._key = api_key
        self._token = token
        self._outage = Outage("the agent")
        self._connections = Connections()
        self._ask: Ask = ask or self._connections

    def with_token(self, token: str) -> "AcapyClient":
        """Return a client for one tenant, over the same connections."""
        tenant = object.__new__(AcapyClient)
        tenant.__dict__.update(self.__dict__)
        tenant._token = token
        return tenant

    async def get(
        self, path: str, *, params: Mapping[str, str | int | bool | Sequence[str]] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """The answer as JSON; raises AgentUnavailable or AgentRefused, as do the others."""
        return await self._call("GET", path, params=params)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str | int | bool] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - making a credential definition takes longer than other calls
    ) -> Any:  # noqa: ANN401 - JSON
        """Post a JSON body."""
        return await self._call("POST", path, params=params, body=body or {}, seconds=timeout)

    async def put(self, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Put a JSON body."""
        return await self._call("PUT", path, body=body or {})

    async def delete(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Delete a record."""
        return await self._call("DELETE", path)

    async def check(self) -> None:
        """Ask the agent for a sign of life; raises AgentUnavailable."""
        try:
            await self.get("/status/ready")
        except AgentRefused as error:
            raise AgentUnavailable(f"the agent is not ready: status {error.status}") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def _asked(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        """The answer of the next agent; of the one after it where nothing was sent, because that one does not listen."""
        for _ in range(len(self._agents) - 1):
            self._agents.rotate(-1)
            self._base_url = self._agents[0]
            with suppress(ConnectionRefusedError):
                return await self._ask(method, f"{self._base_url}{target}", headers, body, seconds)
        if len(self._agents) > 1:
            self._agents.rotate(-1)
            self._base_url = self._agents[0]
        return await self._ask(method, f"{self._base_url}{target}", headers, body, seconds)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | bool | Sequence[str]] | None = None,
        body: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        headers = {"X-API-KEY": self._key, "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        sent = None
        if body is not None:
            sent = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        told = {name: _text(value) for name, value in (params or {}).items()}
        query = f"?{urlencode(told, doseq=True)}" if told else ""
        began = self._outage.now()
        try:
            with span(f"agent {method}", kind="client"):
                answer = await self._asked(
                    method,
                    f"{path}{query}",
                    {**headers, **carried()},
                    sent,
                    seconds or TIMEOUT,
                )
        except ConnectionError as error:
            self._outage.away(str(error), began=began)
            raise AgentUnavailable(f"the agent gave no answer: {error}") from error
        if answer.status >= SERVER_ERROR:
            self._outage.away(f"it answered {answer.status}", began=began)
            raise AgentUnavailable(f"the agent answered {answer.status}: {_reason(answer)}")
        self._outage.back(began=began)
        if answer.status == NOT_FOUND:
            raise AgentUnknown(answer.status, _reason(answer))
        if answer.status >= CLIENT_ERROR:
            raise AgentRefused(answer.status, _reason(answer))
        if not answer.body:
            return None
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise AgentUnavailable("expected JSON from the agent, found something else") from error


def _text(value: str | int | bool | Sequence[str]) -> str | Sequence[str]:
    if isinstance(value, bool | int):
        return str(value).lower()
    return value


def _reason(answer: Answer) -> str:
    """First line of what the agent says; ACA-Py writes `400: reason`."""
    lines = answer.body.decode(errors="replace").strip().splitlines()
    return lines[0][:500] if lines else answer.reason
