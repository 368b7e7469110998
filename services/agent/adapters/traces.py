"""To which trace a DIDComm thread belongs, on our side: what is sent in it later goes on in that trace.

A learner accepts an offer hours after it came: her request belongs to the trace of the offer, not to that of her tap. Known
in memory only, of the newest threads: after a restart a thread goes on in a trace of its own.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, Final

from acapy_agent.messaging.base_handler import BaseHandler
from acapy_agent.messaging.request_context import RequestContext
from acapy_agent.messaging.responder import BaseResponder
from opentelemetry.trace import Span

from shared.ports.tracing import carried, is_tracing, span

MOST: Final = 10_000

type Handle = Callable[[BaseHandler, RequestContext, BaseResponder], Awaitable[None]]


class Threads:
    """Thread id → what carries the context of its trace."""

    def __init__(self, most: int = MOST) -> None:
        """The `most` threads noted last are known."""
        self._traces: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._most = most

    def note(self, thread_id: str | None) -> None:
        """The thread belongs to the current trace, unless it belongs to one already."""
        if thread_id is None or not is_tracing():
            return
        self._traces.setdefault(thread_id, carried())
        while len(self._traces) > self._most:
            self._traces.popitem(last=False)

    def within(self, thread_id: str | None) -> AbstractContextManager[Span | None]:
        """A span for sending a message in this thread, in the thread's trace."""
        self.note(thread_id)
        return span("send", parent=self._traces.get(thread_id or ""))

    def noting(self, handle: Handle) -> Handle:
        """The handler of a message, which notes its thread."""

        async def noted(handler: BaseHandler, context: RequestContext, responder: BaseResponder) -> None:
            self.note(str(context.message._thread_id))  # noqa: SLF001  ACA-Py has no other name for it
            await handle(handler, context, responder)

        return noted


def within_its_trace(work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
    """Work that goes on in the trace in which it was ordered, whoever begins it."""
    parent = carried()
    if not parent:
        return work

    async def traced() -> Any:  # noqa: ANN401  whatever the work gives
        with span("work", parent=parent):
            return await work

    return traced()
