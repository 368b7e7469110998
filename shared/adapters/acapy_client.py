"""The agent's admin API: private, keyed, JSON.

AcapyError
├── AgentUnavailable   no answer, or a server error: the same call may succeed later
└── AgentRefused       a 4xx answer; `status` and `reason` as the agent gave them
    └── AgentUnknown   404
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from shared.adapters.outage import Outage
from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable

TIMEOUT = 30.0
KEEP_IDLE_SECONDS = 10.0
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


class AcapyClient:
    """Thin JSON client; one per agent, closed with `async with` or `close()`."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        token: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`token` is a tenant's; `transport` is for tests."""
        headers = {"X-API-KEY": api_key}
        self._token = token
        self._outage = Outage("the agent")
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=50, max_keepalive_connections=20, keepalive_expiry=KEEP_IDLE_SECONDS
            ),
        )

    def with_token(self, token: str) -> "AcapyClient":
        """Return a client for one tenant, over the same connections."""
        tenant = object.__new__(AcapyClient)
        tenant._token = token
        tenant._http = self._http
        tenant._outage = self._outage
        return tenant

    async def get(self, path: str, *, params: Mapping[str, str | int | bool] | None = None) -> Any:  # noqa: ANN401 - JSON
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
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int | bool] | None = None,
        body: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        began = self._outage.now()
        try:
            answer = await self._http.request(
                method,
                path,
                params={name: _text(value) for name, value in params.items()} if params else None,
                json=body,
                headers={"Authorization": f"Bearer {self._token}"} if self._token else None,
                timeout=seconds or TIMEOUT,
            )
        except httpx.HTTPError as error:
            self._outage.away(type(error).__name__, began=began)
            raise AgentUnavailable(f"the agent gave no answer: {type(error).__name__}") from error
        if answer.status_code >= SERVER_ERROR:
            self._outage.away(f"it answered {answer.status_code}", began=began)
            raise AgentUnavailable(f"the agent answered {answer.status_code}: {_reason(answer)}")
        self._outage.back(began=began)
        if answer.status_code == NOT_FOUND:
            raise AgentUnknown(answer.status_code, _reason(answer))
        if answer.status_code >= CLIENT_ERROR:
            raise AgentRefused(answer.status_code, _reason(answer))
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise AgentUnavailable("expected JSON from the agent, found something else") from error


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reason(answer: httpx.Response) -> str:
    """First line of what the agent says; ACA-Py writes `400: reason`."""
    lines = answer.text.strip().splitlines()
    return lines[0][:500] if lines else answer.reason_phrase
