"""Log lines: for people as text, for programs as one JSON object a line. Both hold ids and outcomes, never claims.

A JSON line has `time` (UTC), `level`, `service`, `logger`, `event` (the sentence without what is filled in, to count by),
`message`, and where they apply `trace` (the trace's id), `ids` (of the step being traced), `error` (its class) and `at` (where,
innermost last). What an error itself says is left out: it may quote what was sent.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final, Literal, override

from shared.ports.tracing import ids_here, trace_here

type LogFormat = Literal["json", "plain"]

PLAIN: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
DEEPEST: Final = 12
"""Calls of a stack that are told: the innermost."""


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def __init__(self, service: str) -> None:
        """`service` is the program's name."""
        super().__init__()
        self._service = service

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "event": str(record.msg),
            "message": record.getMessage(),
        }
        if trace := trace_here():
            line["trace"] = trace
        if ids := ids_here():
            line["ids"] = ids
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-DEEPEST:]
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{PurePath(one.filename).name}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=False)


def write_logs(service: str, form: LogFormat) -> None:
    """Everything logged from here on goes to the handlers there are, or to standard error, in this form."""
    logging.basicConfig(level=logging.INFO, format=PLAIN)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if form == "json":
        for handler in logging.root.handlers:
            handler.setFormatter(JsonLines(service))
