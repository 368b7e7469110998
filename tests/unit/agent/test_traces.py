"""What is sent in a DIDComm thread goes on in the thread's trace, and what waits in a queue in the trace it was put in."""

import asyncio
from collections.abc import Iterator

import pytest
from acapy_agent.utils.task_queue import TaskQueue
from opentelemetry.sdk.trace import TracerProvider

from services.agent.adapters.traces import Threads, within_its_trace
from shared.ports.tracing import carried, span, trace_with
from tests.support.wait import until


@pytest.fixture(autouse=True)
def tracing() -> Iterator[None]:
    trace_with(TracerProvider().get_tracer("test"))
    yield
    trace_with(None)


def trace_now() -> str:
    return carried()["traceparent"].split("-")[1]


def test_what_is_sent_later_in_a_thread_goes_on_in_the_trace_of_its_first_message() -> None:
    threads = Threads()
    with span("the offer comes", parent={}):
        threads.note("t1")
        offered = trace_now()
    with span("she taps", parent={}):
        tapped = trace_now()
        with threads.within("t1"):
            assert trace_now() == offered != tapped
        with threads.within("another"):
            assert trace_now() == tapped
    with span("later", parent={}), threads.within("another"):
        assert trace_now() == tapped


def test_only_the_newest_threads_are_known() -> None:
    threads = Threads(most=2)
    with span("first", parent={}):
        for thread in ("t1", "t2", "t3"):
            threads.note(thread)
        first = trace_now()
    with span("second", parent={}):
        with threads.within("t3"):
            assert trace_now() == first
        with threads.within("t1"):
            assert trace_now() != first


async def test_work_that_waits_goes_on_in_the_trace_it_was_put_in_and_not_in_that_of_who_began_it() -> None:
    queue, gate, seen = TaskQueue(max_active=1), asyncio.Event(), {}

    async def work(name: str) -> None:
        await gate.wait()
        seen[name] = trace_now()

    wanted = {}
    for name in ("first", "second"):
        with span(name, parent={}):
            wanted[name] = trace_now()
            queue.put(within_its_trace(work(name)))
    gate.set()
    await until(lambda: len(seen) == len(wanted), 30, "both are done")
    assert seen == wanted
