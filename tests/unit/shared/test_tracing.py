"""Spans say what happened because of what, across parties only where one operator runs both, and never what an error says."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from nats.aio.client import Client
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.adapters.didcomm_sender import DidcommSender
from shared.adapters.jetstream import Message
from shared.adapters.otlp_traces import ENDPOINTS, send_traces
from shared.contracts.streams import ENDPOINT, outbound_subject
from shared.ports.tracing import carried, carrier_of, here, is_tracing, span, trace_of, trace_with
from shared.web.app import create_app

ELSEWHERE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = ELSEWHERE.split("-")[1]


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace_with(provider.get_tracer("test"))
    yield exporter
    trace_with(None)


def in_trace(spans: InMemorySpanExporter, name: str) -> str:
    (found,) = [one for one in spans.get_finished_spans() if one.name == name]
    assert found.context is not None
    return f"{found.context.trace_id:032x}"


def test_off_nothing_is_traced_nor_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    send_traces("test")
    assert not is_tracing()
    with span("nothing", parent=carrier_of(ELSEWHERE)) as current:
        assert current is None
        assert carried() == {}
        assert here() is None


def test_what_goes_on_later_goes_on_in_its_trace_and_names_what_led_there(
    spans: InMemorySpanExporter,
) -> None:
    with span("upload"):
        kept = here()
    with span("claim page"), span("claim", parent=carrier_of(kept), award_id="a1"):
        pass
    assert in_trace(spans, "claim") == in_trace(spans, "upload") != in_trace(spans, "claim page")
    (claim,) = [one for one in spans.get_finished_spans() if one.name == "claim"]
    assert f"{claim.links[0].context.trace_id:032x}" == in_trace(spans, "claim page")


def test_a_span_says_the_class_of_an_error_and_not_its_message(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Amina"), span("work"):
        raise ValueError("Amina Hassan has 91 %")
    (work,) = spans.get_finished_spans()
    assert dict(work.attributes or {}) == {"error.type": "ValueError"}
    assert "Amina" not in work.to_json()


def test_an_award_of_a_large_file_has_a_trace_of_its_own_named_like_it() -> None:
    award = "018f6b1a2c3d7e4f8a9b0c1d2e3f4a5b"
    assert trace_of(award, like=ELSEWHERE) == f"00-{award}-{award[16:]}-01"
    assert trace_of(award, like=ELSEWHERE[:-2] + "00").endswith("-00")


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


def doors() -> APIRouter:
    router = APIRouter()

    @router.post("/didcomm")
    async def envelope() -> None:
        """Take nothing."""

    @router.post("/claim/{token}")
    async def claim(token: str) -> None:
        """Give nothing."""

    return router


@pytest.mark.parametrize(
    ("partners", "path", "joined"),
    [((), "/didcomm", False), (("https://wallet.test",), "/didcomm", True), (("https://wallet.test",), "/claim/secret", False)],
)  # fmt: skip
async def test_only_envelopes_among_one_operators_parties_go_on_in_the_trace_they_came_from(
    spans: InMemorySpanExporter, partners: tuple[str, ...], path: str, *, joined: bool
) -> None:
    app = create_app("test", lifespan=nothing, routers=[doors()], ready_checks={}, trace_partners=partners)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.post(f"{path}?name=Amina", headers={"traceparent": ELSEWHERE})
        await client.get("/health")
    (request,) = spans.get_finished_spans()
    assert request.context is not None
    assert (f"{request.context.trace_id:032x}" == TRACE) is joined
    assert request.name == ("POST /didcomm" if path == "/didcomm" else "POST /claim/{token}")
    assert "secret" not in request.to_json()
    assert "Amina" not in request.to_json()


@dataclass
class Posted:
    """Stands for a destination; keeps the headers it is sent."""

    status: int = 202
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> "Posted":
        assert content
        self.sent[url] = headers
        return self


def envelope_for(endpoint: str) -> Message:
    return Message(outbound_subject(endpoint), b"envelope", {ENDPOINT: endpoint}, 1, 1, datetime.now(UTC))


async def test_an_envelope_takes_its_trace_along_to_ones_own_parties_only(
    spans: InMemorySpanExporter,
) -> None:
    posted = Posted()
    sender = DidcommSender(Client().jetstream(), posted, trace_partners=["https://wallet.test"])
    with span("take"):
        await sender.deliver(envelope_for("https://wallet.test/didcomm"))
        await sender.deliver(envelope_for("https://elsewhere.test/didcomm"))
    assert in_trace(spans, "take") in posted.sent["https://wallet.test/didcomm"]["traceparent"]
    assert "traceparent" not in posted.sent["https://elsewhere.test/didcomm"]
