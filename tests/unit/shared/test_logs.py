"""A line of JSON: who, when, what, in which trace; of an error its class and place, never its words."""

import json
import logging
import sys

from opentelemetry.sdk.trace import TracerProvider

from shared.ports.tracing import span, trace_with
from shared.web.logs import JsonLines


def line_of(message: str, *filled: object, error: bool = False) -> dict[str, object]:
    record = logging.LogRecord(
        "issuer.x", logging.WARNING, "x.py", 1, message, filled, sys.exc_info() if error else None
    )
    written = JsonLines("issuer").format(record)
    assert "\n" not in written
    said: dict[str, object] = json.loads(written)
    return said


def test_a_line_says_when_who_and_what() -> None:
    line = line_of("award %s is\n%s", "a1", "issued")
    assert (line["level"], line["service"], line["logger"]) == ("warning", "issuer", "issuer.x")
    assert (line["event"], line["message"]) == ("award %s is\n%s", "award a1 is\nissued")
    assert str(line["time"]).endswith("+00:00")
    assert not {"trace", "ids", "error", "at"} & line.keys()


def test_of_an_error_it_says_class_and_place_and_not_what_it_quotes() -> None:
    try:
        int("Amina Hassan has 91 %")
    except ValueError:
        line = line_of("failed", error=True)
    assert line["error"] == "ValueError"
    assert "test_logs.py" in str(line["at"])
    assert "Amina" not in json.dumps(line)


def test_within_a_trace_it_names_the_trace_and_the_ids_of_the_step() -> None:
    trace_with(TracerProvider().get_tracer("test"))
    try:
        with span("offer", parent={}, award_id="a1", state="offered"):
            line = line_of("offered")
    finally:
        trace_with(None)
    assert len(str(line["trace"])) == 32
    assert line["ids"] == {"award_id": "a1"}
