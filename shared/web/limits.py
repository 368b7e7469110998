"""ASGI layers every service has: request size limit and security headers."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import ProblemError, problem_response

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}
"""Sent unless the answer says otherwise; pages and public files set their own policy and caching."""
MEGABYTE = 1024 * 1024
DISCARDED = 64 * MEGABYTE
"""So many bytes of a body that was declared too large are read before it is refused."""
DISCARD_SECONDS = 10.0


class BodyTooLarge(ProblemError):
    """413."""

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        super().__init__(
            413,
            f"Expected at most {_size(limit)}, found more. Send a smaller file, or what it holds in parts.",
            headers={"Connection": "close"},
        )


def _size(limit: int) -> str:
    return f"{limit / MEGABYTE:.3g} MB ({limit} bytes)" if limit >= MEGABYTE else f"{limit} bytes"


async def _discard(receive: Receive, most: int) -> None:
    """Read on and keep nothing, up to `most` bytes or a time: who is cut off while sending never sees the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return


class LimitBody:
    """Refuses a body larger than allowed, by its declared length or while it arrives."""

    def __init__(self, app: ASGIApp, *, default: int, by_path: Mapping[str, int]) -> None:
        """`by_path` gives other limits (bytes) for paths that start so; the longest match holds."""
        self._app = app
        self._default = default
        self._by_path = dict(sorted(by_path.items(), key=lambda item: -len(item[0])))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _discard(receive, DISCARDED)
            await problem_response(BodyTooLarge(limit))(scope, receive, send)
            return
        received = 0
        started = refused = False

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge(limit)
            return message

        async def instead(message: Message) -> None:
            """Answer 413, whatever the app makes of the exception above."""
            nonlocal started, refused
            refused = refused or (received > limit and not started)
            if not refused:
                started = True
                await send(message)

        try:
            await self._app(scope, limited, instead)
        except BodyTooLarge:
            refused = not started
        if refused:
            await _discard(receive, limit)
            await problem_response(BodyTooLarge(limit))(scope, receive, send)

    def _limit(self, path: str) -> int:
        return next((size for start, size in self._by_path.items() if path.startswith(start)), self._default)


class SecurityHeaders:
    """Adds the headers above where the answer does not set them itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """`https` adds Strict-Transport-Security."""
        self._app = app
        headers = dict(SECURITY_HEADERS)
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", [])}
                message["headers"] = [
                    *message.get("headers", []),
                    *(pair for pair in self._headers if pair[0] not in present),
                ]
            await send(message)

        await self._app(scope, receive, complete)
