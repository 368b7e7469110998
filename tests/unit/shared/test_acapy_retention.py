"""A service has its agent delete what is past, also when both start at the same moment."""

from datetime import UTC, datetime

import httpx
import pytest

from shared.adapters import acapy_retention
from shared.adapters.acapy_client import AcapyClient
from shared.adapters.acapy_retention import AgentsStore
from tests.support.agent_http import asking

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def test_an_agent_that_is_not_there_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acapy_retention, "_PAUSE_SECONDS", 0.0)
    answers = [
        httpx.Response(503),
        httpx.Response(200, json={"exchanges": 2, "connections": 1}),
        httpx.Response(200, json={"exchanges": 0, "connections": 0}),
    ]
    transport = httpx.MockTransport(lambda _request: answers.pop(0))
    async with AcapyClient("http://agent.test", "key", ask=asking(transport)) as agent:
        assert await AgentsStore(agent)(NOW) == 3
    assert answers == []
