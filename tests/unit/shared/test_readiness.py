"""What /ready finds is in the log once when it begins to fail and once when it holds again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from shared.ports.errors import Unavailable
from shared.web.readiness import Checks
from shared.web.start import Start


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


async def test_a_check_that_fails_is_told_once_and_once_again_when_it_holds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = True

    async def agent() -> None:
        if away:
            raise Unavailable("the agent gave no answer")

    async def database() -> None:
        pass

    checks = Checks({"agent": agent, "database": database}, Start(nothing))
    for _ in range(2):
        assert (await checks.outcomes())["agent"] == "the agent gave no answer"
    away = False
    for _ in range(2):
        assert await checks.outcomes() == {"agent": "ok", "database": "ok"}
    assert caplog.messages == [
        "the check of agent fails: the agent gave no answer",
        "the check of agent holds again",
    ]
