import json
from collections.abc import Callable

import httpx
import pytest

from shared.adapters.acapy_client import (
    AcapyClient,
    AgentRefused,
    AgentUnavailable,
    AgentUnknown,
    in_path,
)
from shared.adapters.acapy_client import Answer as Reply
from shared.adapters.acapy_recipients import SECONDS, AgentRecipients
from shared.ports.didcomm import Recipient
from tests.support.agent_http import asking

type Answer = Callable[[httpx.Request], httpx.Response]


class Agent:
    """An agent that answers as told and notes what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self.answer = answer
        self.client = AcapyClient("http://agent", "admin-key", ask=asking(httpx.MockTransport(self._take)))

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


async def test_a_call_carries_the_key_and_returns_json() -> None:
    agent = Agent(lambda _request: httpx.Response(200, json={"results": []}))
    assert await agent.client.post("/x", {"a": 1}, params={"auto_accept": True, "count": 5}) == {
        "results": []
    }
    [asked] = agent.asked
    assert asked.headers["x-api-key"] == "admin-key"
    assert "authorization" not in asked.headers
    assert dict(asked.url.params) == {"auto_accept": "true", "count": "5"}
    assert json.loads(asked.content) == {"a": 1}


async def test_a_tenants_call_carries_her_token_and_the_others_do_not() -> None:
    agent = Agent(lambda _request: httpx.Response(200, json={}))
    await agent.client.with_token("hers").get("/credentials")
    await agent.client.get("/status")
    assert agent.asked[0].headers["authorization"] == "Bearer hers"
    assert agent.asked[0].headers["x-api-key"] == "admin-key"
    assert "authorization" not in agent.asked[1].headers


async def test_a_refusal_has_status_and_reason() -> None:
    agent = Agent(lambda _request: httpx.Response(400, text="400: Record in wrong state\nmore"))
    with pytest.raises(AgentRefused, match="Record in wrong state") as refused:
        await agent.client.post("/x")
    assert (refused.value.status, refused.value.reason) == (400, "400: Record in wrong state")


async def test_an_unknown_record_is_told_apart() -> None:
    agent = Agent(lambda _request: httpx.Response(404, text="404: Record not found"))
    with pytest.raises(AgentUnknown, match="Record not found"):
        await agent.client.get("/x")


@pytest.mark.parametrize(
    "answer", [httpx.Response(500, text="Server got itself in trouble"), httpx.Response(200, text="not json")]
)
async def test_a_broken_answer_may_succeed_later(answer: httpx.Response) -> None:
    with pytest.raises(AgentUnavailable):
        await Agent(lambda _request: answer).client.get("/x")


async def test_no_answer_may_succeed_later() -> None:
    def lost(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(AgentUnavailable, match="no answer: ConnectError"):
        await Agent(lost).client.get("/x")


async def test_an_answer_without_a_body_is_none() -> None:
    assert await Agent(lambda _request: httpx.Response(204)).client.delete("/x") is None


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("abc", "abc"),
        ("did:webvh:Q:host:orgs:a/resources/z", "did%3Awebvh%3AQ%3Ahost%3Aorgs%3Aa%2Fresources%2Fz"),
        ("did:webvh:Q:host%3A8400:a", "did%253Awebvh%253AQ%253Ahost%25253A8400%253Aa"),
    ],
)
def test_identifiers_are_encoded_twice_where_they_hold_percent_signs(identifier: str, path: str) -> None:
    assert in_path(identifier) == path


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_recipient_found_is_remembered_for_a_while() -> None:
    agent, clock = Agent(lambda _request: httpx.Response(200, json={"wallet_id": "w"})), Clock()
    find = AgentRecipients(agent.client, clock=clock)
    assert await find("key") == await find("key") == Recipient("w")
    assert [request.url.path for request in agent.asked] == ["/ujuzi/recipients/key"]
    clock.now = SECONDS + 1
    await find("key")
    assert len(agent.asked) == 2


async def test_a_recipient_whose_store_is_full_is_found_so() -> None:
    agent = Agent(lambda _request: httpx.Response(200, json={"wallet_id": "w", "full": True}))
    assert await AgentRecipients(agent.client)("key") == Recipient("w", full=True)


async def test_a_recipient_not_found_is_asked_for_each_time() -> None:
    agent = Agent(lambda _request: httpx.Response(404, text="404: nobody"))
    find = AgentRecipients(agent.client)
    assert await find("key") is None
    assert await find("key") is None
    assert len(agent.asked) == 2


async def test_an_agent_that_refuses_to_say_is_unavailable() -> None:
    agent = Agent(lambda _request: httpx.Response(401, text="401: Unauthorized"))
    with pytest.raises(AgentUnavailable, match="would not say whose key"):
        await AgentRecipients(agent.client)("key")


async def test_only_so_many_recipients_are_remembered() -> None:
    agent = Agent(lambda _request: httpx.Response(200, json={"wallet_id": None}))
    find = AgentRecipients(agent.client, remembered=3)
    for number in range(4):
        await find(str(number))
    await find("1")
    assert len(agent.asked) == 4
    await find("0")
    assert len(agent.asked) == 5


async def test_calls_go_to_one_agent_after_the_other_and_past_one_that_does_not_listen() -> None:
    asked = []

    async def ask(_method: str, url: str, *_: object) -> Reply:
        asked.append(url)
        if "gone" in url:
            raise ConnectionRefusedError("it does not listen")
        return Reply(200, "OK", b"{}")

    client = AcapyClient("http://one, http://gone,http://two", "key", ask=ask)
    for _ in range(4):
        await client.post("/x")
    assert set(asked) == {"http://one/x", "http://gone/x", "http://two/x"}


async def test_what_one_agent_may_have_done_is_asked_of_no_other() -> None:
    asked = []

    async def ask(_method: str, url: str, *_: object) -> Reply:
        asked.append(url)
        raise ConnectionError("cut off")

    client = AcapyClient("http://one,http://two", "key", ask=ask)
    with pytest.raises(AgentUnavailable, match="cut off"):
        await client.post("/x")
    assert len(asked) == 1
