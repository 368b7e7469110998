"""Calls of our own service go on in its trace."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from shared.ports.tracing import carrier_in, is_tracing, span


@web.middleware
async def trace_calls(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A span for each call of our own service, in its trace."""
    if not is_tracing():
        return await handler(request)
    resource = request.match_info.route.resource
    name = resource.canonical if resource else "none"
    with span(f"{request.method} {name}", kind="server", parent=carrier_in(request.headers)) as current:
        answer = await handler(request)
        if current is not None:
            current.set_attribute("http.response.status_code", answer.status)
        return answer
