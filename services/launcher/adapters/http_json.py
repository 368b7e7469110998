"""One service's HTTP API, as a script uses it: JSON in and out, problem documents as errors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx

from services.launcher.errors import ServiceRefused

_TIMEOUT = 30.0
_PATIENCE_SECONDS = 180.0
"""How long after its beginning a call is still made again."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 3.0
_LONGER = 1.5
"""Whoever waits asks ever more seldom: many who ask often keep the service from what they wait for."""
_NOT_READY = httpx.codes.SERVICE_UNAVAILABLE


class JsonApi:
    """Calls one base URL with one API key."""

    def __init__(self, base_url: str, api_key: str | None, client: httpx.AsyncClient) -> None:
        self._base_url = base_url
        self._headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._client = client

    async def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Return what is there."""
        return await self._call("GET", path, params=parameters)

    async def post(self, path: str, body: object = None, **parameters: str) -> dict[str, Any]:
        """Send JSON."""
        return await self._call("POST", path, json={} if body is None else body, params=parameters)

    async def put(self, path: str, body: object) -> dict[str, Any]:
        """Replace what is there."""
        return await self._call("PUT", path, json=body)

    async def delete(self, path: str) -> dict[str, Any]:
        """Remove what is there."""
        return await self._call("DELETE", path)

    async def send_csv(self, path: str, text: str, **parameters: str) -> dict[str, Any]:
        """Send a spreadsheet."""
        return await self._call(
            "POST", path, content=text.encode(), headers={"Content-Type": "text/csv"}, params=parameters
        )

    async def _call(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **content: Any,  # noqa: ANN401  httpx's own
    ) -> dict[str, Any]:
        url = path if path.startswith("http") else f"{self._base_url}{path}"
        headers = {"Accept": "application/json", **self._headers, **(headers or {})}
        if method == "POST":
            # One key for all attempts: what one did is not done again by the next.
            headers["Idempotency-Key"] = uuid4().hex
        answer = await self._patiently(method, url, headers=headers, **content)
        if answer.is_error:
            raise ServiceRefused(f"{method} {url} was refused: {_detail(answer)}", status=answer.status_code)
        return answer.json() if answer.content else {}

    async def _patiently(self, method: str, url: str, **content: Any) -> httpx.Response:  # noqa: ANN401  httpx's own
        """Ask again while the service is slow, or says when to come back."""
        clock = asyncio.get_running_loop().time
        last_attempt = clock() + _PATIENCE_SECONDS
        while True:
            try:
                answer = await self._client.request(method, url, timeout=_TIMEOUT, **content)
            except httpx.ReadTimeout as error:
                if clock() > last_attempt:
                    raise _no_answer(method, url, error) from error
                continue
            except httpx.HTTPError as error:
                raise _no_answer(method, url, error) from error
            pause = answer.headers.get("Retry-After", "")
            if not pause.isdecimal() or clock() + int(pause) > last_attempt:
                return answer
            await asyncio.sleep(int(pause))


def _no_answer(method: str, url: str, error: httpx.HTTPError) -> ServiceRefused:
    return ServiceRefused(f"{method} {url} got no answer: {error!r}.", status=0)


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.text[:200]}"
    said = problem.get("detail") or problem.get("title") or ""
    errors = "; ".join(str(error) for error in problem.get("errors") or [])
    return f"{answer.status_code} {said}{' — ' if errors else ''}{errors}"


async def wait_for[T](look: Callable[[], Awaitable[T | None]], *, seconds: float, what: str) -> T:
    """Look until there is something; raise ServiceRefused saying what did not come in time.

    A service that says it is not ready yet (503) is asked again.
    """
    pause = _FIRST_PAUSE
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    found = await look()
                except ServiceRefused as error:
                    if error.status != _NOT_READY:
                        raise
                    found = None
                if found is not None:
                    return found
                await asyncio.sleep(pause)
                pause = min(pause * _LONGER, _LONGEST_PAUSE)
    except TimeoutError as error:
        raise ServiceRefused(f"Waited {seconds:.0f} s in vain for {what}.", status=0) from error
