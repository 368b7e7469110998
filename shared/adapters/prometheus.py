"""`/metrics` for Prometheus on a port of its own, for who runs the service: never through the public port.

Served from a thread: a process whose event loop hangs still tells that it hangs, and one that cannot start what it waits
for. Without a port nothing is served, measured or timed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TooLate
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Metric, disable_created_metrics, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.contracts.errors import UjuziError
from shared.ports.metrics import LOOP_LAG, MEASURED, Gauge, Measure, Reading

log = logging.getLogger(__name__)

MEASURE_SECONDS: Final = 6.0
"""For all measurements of one scrape: longer than a check of /ready, shorter than the 10 s Prometheus waits."""
LAG_SECONDS: Final = 0.5


class MetricsPortTaken(UjuziError):
    """The port for metrics cannot be listened on."""


@dataclass(frozen=True)
class Metrics:
    """What a process tells, and where: nothing while `port` is None."""

    host: str
    port: int | None
    measures: Mapping[str, Measure] = field(default_factory=dict)

    def also(self, **measures: Measure) -> "Metrics":
        """The same with further measurements."""
        return Metrics(self.host, self.port, {**self.measures, **measures})

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve while the block lasts. Raises MetricsPortTaken."""
        if self.port is None:
            yield
            return
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves this one out
        registry = CollectorRegistry()
        registry.register(_Everything(asyncio.get_running_loop(), self.measures))
        try:
            server, _ = start_http_server(self.port, self.host, registry)
        except OSError as error:
            raise MetricsPortTaken(
                f"Metrics cannot be served on {self.host}:{self.port} ({error.strerror}): "
                "give another METRICS_HOST or METRICS_PORT, or none."
            ) from error
        watch = asyncio.create_task(_watch_loop(), name="event loop lag")
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            await asyncio.to_thread(server.shutdown)
            server.server_close()


class _Everything(Collector):
    """What is counted, and what is measured at this moment on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, measures: Mapping[str, Measure]) -> None:
        self._loop = loop
        self._measures = measures

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not measure."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """In the server's thread."""
        yield from REGISTRY.collect()
        asked = asyncio.run_coroutine_threadsafe(measured(self._measures), self._loop)
        try:
            readings = asked.result(MEASURE_SECONDS + 1)
        except (TooLate, CancelledError):
            asked.cancel()
            readings = [_whether(name, done=False) for name in self._measures]
        yield from families(readings)


async def measured(measures: Mapping[str, Measure]) -> list[Reading]:
    """All readings that could be had, and of each measurement whether it could."""
    outcomes = await asyncio.gather(*(_one(name, measure) for name, measure in measures.items()))
    return [reading for readings in outcomes for reading in readings]


async def _one(name: str, measure: Measure) -> list[Reading]:
    try:
        async with asyncio.timeout(MEASURE_SECONDS):
            return [*await measure(), _whether(name, done=True)]
    except Exception as error:  # noqa: BLE001 - what is away cannot be measured, and the rest is told nevertheless
        log.debug("%s could not be measured: %s", name, type(error).__name__)
        return [_whether(name, done=False)]


def _whether(name: str, *, done: bool) -> Reading:
    return Reading(MEASURED, float(done), {"measure": name})


def families(readings: Iterable[Reading]) -> list[Metric]:
    """The readings by their gauges, as Prometheus is told."""
    found: dict[Gauge, GaugeMetricFamily] = {}
    for reading in readings:
        gauge = reading.gauge
        family = found.setdefault(gauge, GaugeMetricFamily(gauge.name, gauge.what, labels=gauge.labels))
        family.add_metric([reading.labels[label] for label in gauge.labels], reading.value)
    return list(found.values())


async def _watch_loop() -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        LOOP_LAG.observe(max(0.0, clock() - due))
