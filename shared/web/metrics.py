"""Counts every request by its route's template: never by its path, which may hold ids and claim tokens."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ports.metrics import HTTP_REQUESTS, HTTP_SECONDS, Measure

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE: Final = "none"
"""Stands for the route of a request that fits none, or was refused before one was looked for."""
STREAMS: Final = "text/event-stream"
"""Answers that last as long as somebody listens: counted, not timed."""


type Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class ServeMetrics(Protocol):
    """Tells whoever runs the service how it is, elsewhere than where others reach it."""

    def also(self, **measures: Measure) -> "ServeMetrics":
        """The same with further measurements."""

    def served(self) -> AbstractAsyncContextManager[None]:
        """Serve while the block lasts."""


def told(lifespan: Lifespan, metrics: ServeMetrics) -> Lifespan:
    """The lifespan with metrics around it: they are served while it starts, too."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with metrics.served(), lifespan(app):
            yield

    return life


class CountRequests:
    """ASGI layer around all others."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP requests on and note what became of them; one nobody waited for has the status 0."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, lasting = time.perf_counter(), 0, False

        async def note(message: Message) -> None:
            nonlocal status, lasting
            if message["type"] == "http.response.start":
                status = message["status"]
                lasting = any(
                    name == b"content-type" and value.startswith(STREAMS.encode())
                    for name, value in message.get("headers", ())
                )
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = route_of(scope)
            HTTP_REQUESTS.labels(method, route, str(status)).inc()
            if not lasting:
                HTTP_SECONDS.labels(method, route).observe(time.perf_counter() - began)


def route_of(scope: Scope) -> str:
    """The template of the route that took the request, such as `/v1/awards/{award_id}`."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
