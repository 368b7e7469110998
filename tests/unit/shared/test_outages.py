"""A part that is away: one line when it goes and one when it is back, a start that waits, an answer that is kept."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from shared.adapters.background import running
from shared.adapters.outage import Outage
from shared.contracts.errors import UjuziError
from shared.ports.errors import Unavailable
from shared.ports.idempotency import Answered, Begun, InProgress, OtherRequest
from shared.web import start as starting
from shared.web.app import create_app
from shared.web.start import insist
from tests.support.fakes import MemoryAnswers
from tests.support.wait import until


class DiskAway(Unavailable):
    """The stand-in for a database that is away."""

    part = "the database"


class NeverStarts(UjuziError):
    """What no waiting mends."""


class AwayAnswers(MemoryAnswers):
    """Answers in memory that cannot be reached while `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    def _reach(self) -> None:
        if self.away:
            raise DiskAway("no answer")

    async def begin(self, key: str, request: str) -> Begun | InProgress | OtherRequest | Answered:
        self._reach()
        return await super().begin(key, request)

    async def finish(self, key: str, sealed: bytes) -> None:
        self._reach()
        await super().finish(key, sealed)

    async def forget(self, key: str) -> None:
        self._reach()
        await super().forget(key)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_part_is_told_to_be_away_once_and_to_be_back_once(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    outage = Outage("the agent", clock=lambda: now)
    outage.back()
    for _ in range(3):
        outage.away("ConnectError")
    assert outage.is_fresh
    now = 112.0
    assert not outage.is_fresh
    outage.back()
    outage.back()
    assert lines(caplog) == ["the agent is away: ConnectError", "the agent is back after 12 s"]


def test_of_calls_that_cross_the_one_that_began_last_says_how_a_part_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 100.0
    outage = Outage("the agent", clock=lambda: now)
    answered_late = failed_late = outage.now()
    now = 101.0
    outage.away("ConnectError", began=outage.now())
    outage.back(began=answered_late)
    now = 103.0
    outage.back(began=outage.now())
    outage.away("ReadError", began=failed_late)
    assert lines(caplog) == ["the agent is away: ConnectError", "the agent is back after 2 s"]


async def test_a_loop_whose_part_is_away_goes_on_when_it_is_back_and_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.background.AWAY_PAUSE", 0.01)
    tries = 0

    async def loop() -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise DiskAway("no answer")

    async with running(loop=loop):
        await until(lambda: tries == 4, 5, "the loop goes on")
    assert lines(caplog) == []


def app_with(lifespan: Callable[[FastAPI], Any], answers: MemoryAnswers | None = None) -> FastAPI:
    router = APIRouter()

    @router.get("/v1/things")
    async def things() -> dict[str, int]:
        return {"count": 0}

    async def well() -> None:
        return None

    return create_app(
        "Test",
        lifespan=lifespan,
        routers=[router],
        ready_checks={"nats": well},
        idempotent_answers=answers,
    )


def calling(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_a_service_that_cannot_start_yet_lives_is_unready_and_starts_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starting, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(starting, "PAUSE_SECONDS", 0.01)
    away = True

    async def prepare() -> None:
        if away:
            raise DiskAway("no answer")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await insist(prepare)
        yield

    app = app_with(lifespan)
    async with app.router.lifespan_context(app), calling(app) as client:
        assert (await client.get("/health")).status_code == 200
        ready = await client.get("/ready")
        assert (ready.status_code, set(ready.json()["checks"])) == (503, {"nats", "start"})
        refused = await client.get("/v1/things")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["missing"] == "the whole of this service"

        away = False

        async def started() -> bool:
            return (await client.get("/ready")).status_code == 200

        await until(started, 30, "the service has started")
        assert (await client.get("/v1/things")).status_code == 200


async def test_what_no_waiting_mends_ends_the_start() -> None:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        raise NeverStarts("the secret key is another one")
        yield

    app = app_with(lifespan)
    with pytest.raises(NeverStarts, match="another one"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")


async def test_what_no_waiting_mends_ends_the_process_when_it_shows_late(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(starting, "PATIENCE_SECONDS", 0.01)
    sent: list[signal.Signals] = []
    shows = asyncio.Event()
    before = signal.signal(signal.SIGTERM, lambda number, _: sent.append(signal.Signals(number)))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await shows.wait()
        raise NeverStarts("the secret key is another one")
        yield

    app = app_with(lifespan)

    async def serve() -> None:
        async with app.router.lifespan_context(app):
            shows.set()
            await until(lambda: bool(sent), 30, "the process is told to end")

    try:
        with pytest.raises(NeverStarts, match="another one"):
            await serve()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert lines(caplog)[-1] == "the service cannot start"


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


class Deeds:
    """A route that does something, or cannot."""

    def __init__(self) -> None:
        self.answers = AwayAnswers()
        self.done = 0
        self.away = False
        self.disk_breaks = False
        router = APIRouter()

        @router.post("/v1/deeds")
        async def do() -> dict[str, int]:
            self.answers.away = self.disk_breaks
            if self.away:
                raise DiskAway("no answer")
            self.done += 1
            return {"number": self.done}

        self.app = create_app(
            "Test", lifespan=nothing, routers=[router], ready_checks={}, idempotent_answers=self.answers
        )


async def ask(deeds: Deeds) -> tuple[int, dict[str, Any]]:
    async with calling(deeds.app) as client:
        answer = await client.post("/v1/deeds", headers={"Idempotency-Key": "the same"})
    return answer.status_code, answer.json()


async def test_a_503_is_not_kept_as_the_answer() -> None:
    deeds = Deeds()
    deeds.away = True
    status, problem = await ask(deeds)
    assert (status, problem["missing"]) == (503, "the database")
    assert "Nothing of this request was stored" in problem["detail"]
    deeds.away = False
    assert await ask(deeds) == (200, {"number": 1})


async def test_a_key_is_free_again_although_the_database_went_away_under_the_request() -> None:
    deeds = Deeds()
    deeds.away = deeds.disk_breaks = True
    assert (await ask(deeds))[0] == 503
    assert (await ask(deeds))[0] == 503
    deeds.away = deeds.disk_breaks = deeds.answers.away = False
    assert await ask(deeds) == (200, {"number": 1})


async def test_what_was_done_is_answered_and_not_done_again_although_its_answer_could_not_be_kept() -> None:
    deeds = Deeds()
    deeds.disk_breaks = True
    assert await ask(deeds) == (200, {"number": 1})
    deeds.disk_breaks = deeds.answers.away = False
    assert await ask(deeds) == (200, {"number": 1})
    assert deeds.done == 1
