"""Parts that are taken away for a while, and what is expected of a service meanwhile and afterwards."""

import logging
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, table

from shared.adapters.sql import Database
from tests.integration.trust.registry import ADMIN_KEY
from tests.support.nats_server import NatsServer
from tests.support.postgres import Cluster
from tests.support.wait import until

SECONDS = 60.0
"""No call takes longer than this, whatever hangs."""


@contextmanager
def stopped(part: Cluster | NatsServer) -> Iterator[None]:
    """It is not there."""
    part.stop()
    try:
        yield
    finally:
        part.start()


@contextmanager
def hanging(part: Cluster | NatsServer) -> Iterator[None]:
    """It takes calls and never answers."""
    part.pause()
    try:
        yield
    finally:
        part.resume()


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another program holds the write lock of a SQLite file, taken between two writes of the service."""
    other = sqlite3.connect(file, isolation_level=None, timeout=0)

    def taken() -> bool:
        with suppress(sqlite3.OperationalError):
            other.execute("begin immediate")
        return other.in_transaction

    try:
        await until(taken, SECONDS, "the write lock is free to be taken")
        yield
    finally:
        other.close()


@asynccontextmanager
async def full(_file: Path) -> AsyncIterator[None]:
    """No file of this process takes another byte, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass
class Service:
    """One running service; `deed` is a POST that stores rows in `table`, `reads` a page that needs only its database."""

    base_url: str
    url: str
    deed: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
    table: str
    reads: str

    def caller(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        return httpx.AsyncClient(base_url=self.base_url, headers=headers, timeout=SECONDS)

    async def rows(self, of: str | None = None) -> int:
        async with Database(self.url) as db, db.reading() as session:
            counting = select(func.count()).select_from(table(of or self.table))
            return int((await (await session.connection()).execute(counting)).scalar_one())


def is_refused(answer: httpx.Response, missing: str) -> None:
    """503 that says what is missing and when to come again."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["missing"] == missing


async def refused(caller: httpx.AsyncClient, service: Service, missing: str = "the database") -> None:
    """The deed is refused in time, and the service lives."""
    began = time.monotonic()
    answer = await service.deed(caller)
    assert time.monotonic() - began < SECONDS
    is_refused(answer, missing)
    if missing == "the database":
        assert "Nothing of this request was stored" in answer.json()["detail"]
    assert (await caller.get("/health")).status_code == 200


async def done(caller: httpx.AsyncClient, service: Service) -> None:
    """The very same request succeeds."""

    async def succeeds() -> bool:
        answer = await service.deed(caller)
        assert answer.status_code in {201, 503}, answer.text
        return answer.status_code == 201

    await until(succeeds, SECONDS, "the same request succeeds")


async def unready(caller: httpx.AsyncClient, part: str) -> None:
    """`/ready` names this part and no other."""
    ready = await caller.get("/ready")
    assert ready.status_code == 503
    assert [name for name, found in ready.json()["checks"].items() if found != "ok"] == [part]


async def ready(caller: httpx.AsyncClient) -> None:
    """Everything is there again."""

    async def is_ready() -> bool:
        return (await caller.get("/ready")).status_code == 200

    await until(is_ready, SECONDS, "the service is ready")


def said(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    """What the log tells of a part, in one word each; tracebacks of what is expected are none of it."""
    assert not [record for record in caplog.records if record.exc_info], "no traceback for what is expected"
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    return [line.removeprefix(part).split(" ")[2].strip(":") for line in lines if line.startswith(part)]
