"""A span for each request, named by its route's template.

What a stranger says of where a trace began is not believed: it would join the traces of people who have nothing to do with
one another. Only envelopes of parties that the same operator runs go on in the trace they came from.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ports.tracing import carrier_in, is_tracing, span
from shared.web.metrics import METHODS, route_of
from shared.web.start import OPEN

ENVELOPES: Final = "/didcomm"


class TraceRequests:
    """ASGI layer around all others."""

    def __init__(self, app: ASGIApp, *, partners: bool) -> None:
        """`partners`: whether envelopes may go on in the trace they came from."""
        self._app = app
        self._partners = partners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on within a span, but for those of probes."""
        if scope["type"] != "http" or not is_tracing() or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        believed = self._partners and scope["path"] == ENVELOPES
        method = scope["method"] if scope["method"] in METHODS else "other"
        parent = carrier_in(Headers(scope=scope)) if believed else {}
        with span(method, kind="server", parent=parent) as current:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start" and current is not None:
                    current.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await self._app(scope, receive, note)
            finally:
                if current is not None:
                    route = route_of(scope)
                    current.update_name(f"{method} {route}")
                    current.set_attribute("http.request.method", method)
                    current.set_attribute("http.route", route)
