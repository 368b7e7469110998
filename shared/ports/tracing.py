"""Traces: what happened because of what, across HTTP, JetStream and the threads of DIDComm (W3C Trace Context).

Off, everything here does nothing. A span holds ids, templates and outcomes: never a name, a claim, a path or what an error says.
A context is carried as `traceparent`, alone: in headers of HTTP and JetStream, and with what goes on later.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT: Final = "traceparent"
_CARRIER: Final = TraceContextTextMapPropagator()
_KINDS: Final = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}


@dataclass(slots=True)
class _Switch:
    tracer: Tracer | None = None


_switch: Final = _Switch()


def trace_with(tracer: Tracer | None) -> None:
    """From here on spans go to this tracer; with None they are off again."""
    _switch.tracer = tracer


def is_tracing() -> bool:
    """Whether spans go anywhere."""
    return _switch.tracer is not None


@contextmanager
def span(
    name: str,
    *,
    kind: Literal["internal", "server", "client", "consumer"] = "internal",
    parent: Mapping[str, str] | None = None,
    **ids: str,
) -> Iterator[Span | None]:
    """A span around the block, with `ids`; None while traces are off. Of an error that leaves the block it says the class.

    `parent` is what carries the context it belongs to; one that carries none begins a trace. Without, it belongs to the
    current span. One that belongs elsewhere than to the current span is linked to it.
    """
    tracer = _switch.tracer
    if tracer is None:
        yield None
        return
    context, links = None, []
    if parent is not None:
        context = _CARRIER.extract(parent, context=Context())
        current = get_current_span().get_span_context()
        links = [Link(current)] if current.is_valid else []
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=_KINDS[kind],
        attributes=ids,
        links=links,
        record_exception=False,  # it would keep the message
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            begun.set_attribute("error.type", type(error).__name__)
            raise


def carried() -> dict[str, str]:
    """The headers that carry the current context on; none while there is no span."""
    if _switch.tracer is None:
        return {}
    headers: dict[str, str] = {}
    _CARRIER.inject(headers)
    return {name: value for name, value in headers.items() if name == TRACEPARENT}


def here() -> str | None:
    """The current context, to be kept with what goes on later."""
    return carried().get(TRACEPARENT)


def trace_here() -> str | None:
    """The id of the current trace."""
    context = get_current_span().get_span_context() if is_tracing() else None
    return f"{context.trace_id:032x}" if context is not None and context.is_valid else None


def ids_here() -> dict[str, str]:
    """The ids that the current span was given."""
    attributes = getattr(get_current_span(), "attributes", None) if is_tracing() else None
    return {name: str(value) for name, value in (attributes or {}).items() if name.endswith("_id")}


def trace_of(digits: str, *, like: str) -> str:
    """A context for a trace of its own, named by these 32 hexadecimal digits, and kept or dropped as the other is."""
    return f"00-{digits}-{digits[16:]}-{like[-2:]}"


def carrier_of(kept: str | None) -> Mapping[str, str] | None:
    """What was kept by `here`, as the `parent` of a span; None where nothing was."""
    return None if kept is None else {TRACEPARENT: kept}


def carrier_in(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Of these headers the one that carries a context."""
    return {TRACEPARENT: headers[TRACEPARENT]} if TRACEPARENT in headers else {}
