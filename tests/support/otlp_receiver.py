"""A collector of traces for tests: takes what programs send by OTLP over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Told:
    """A span as it came; `whole` is all that it says."""

    program: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    whole: str


class OtlpReceiver:
    """What was received so far, by all programs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[Told] = []
        self.resources: set[str] = set()

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.resources.add(str(resource.resource))
            self.spans += [
                Told(
                    about["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    {each.key: each.value.string_value for each in span.attributes},
                    str(span),
                )
                for scope in resource.scope_spans
                for span in scope.spans
            ]


@contextmanager
def receiving_traces() -> Iterator[OtlpReceiver]:
    """Receive while the block lasts."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base names it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    receiver = OtlpReceiver(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def traces_to(receiver: OtlpReceiver) -> dict[str, str]:
    """The settings that send traces there, at once."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "300"}
