"""The agent's JSON and errors, as the adapter reads them."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.adapters.acapy_client import AcapyClient
from tests.support.agent_http import asking
from verifier.adapters.acapy_learners import AcapyLearners
from verifier.domain.request import Exchange
from verifier.errors import AgentTrouble

RECORD: dict[str, Any] = {
    "pres_ex_id": "exchange",
    "connection_id": "connection",
    "thread_id": "thread",
    "state": "presentation-received",
    "updated_at": "2026-06-01T12:00:00.000000Z",
    "by_format": {
        "pres_request": {"anoncreds": {"name": "ujuzi:r1"}},
        "pres": {"anoncreds": {"proof": {}}},
    },
    "an_unknown_field": 1,
}


def learners(answer: Callable[[httpx.Request], httpx.Response]) -> AcapyLearners:
    client = AcapyClient("http://agent.test", "key", ask=asking(httpx.MockTransport(answer)))
    return AcapyLearners(client, base_url="https://verifier.test", label="Jobs")


async def test_an_invitation_is_a_standard_url_under_our_own_address() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        invitation = {"@id": "invitation", "services": [{"recipientKeys": ["did:key:z6Mk#z6Mk"]}]}
        return httpx.Response(200, json={"invitation": invitation, "invi_msg_id": "invitation"})

    made = await learners(answer).invite("r1", "p" * 300)
    asked = json.loads(sent[0].content)
    assert (asked["goal_code"], asked["my_label"], asked["alias"]) == ("ujuzi.request-proof", "Jobs", "r1")
    assert sent[0].url.params["multi_use"] == "false"
    assert (made.message_id, made.key) == ("invitation", "did:key:z6Mk#z6Mk")
    oob = made.url.removeprefix("https://verifier.test/i?oob=")
    assert json.loads(base64.urlsafe_b64decode(oob + "=" * (-len(oob) % 4)))["@id"] == "invitation"


async def test_a_request_sent_before_by_a_process_that_died_is_taken_up() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        assert request.url.params["connection_id"] == "connection"
        return httpx.Response(200, json={"results": [RECORD]})

    taken_up = await learners(answer).send("connection", {"name": "ujuzi:r1"}, "purpose")
    assert taken_up.exchange == Exchange("exchange", "connection", "thread")
    assert taken_up.request == RECORD["by_format"]["pres_request"]["anoncreds"]


async def test_a_request_is_sent_so_that_the_agent_judges_nothing() -> None:
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"results": []})
        sent.append(json.loads(request.content))
        return httpx.Response(200, json=RECORD)

    told = await learners(answer).send("connection", {"name": "ujuzi:r1"}, "purpose\na.b.c")
    assert told.request == RECORD["by_format"]["pres_request"]["anoncreds"]  # as the agent has it
    assert sent[0]["auto_verify"] is False
    assert sent[0]["presentation_request"] == {"anoncreds": {"name": "ujuzi:r1"}}
    assert sent[0]["comment"] == "purpose\na.b.c"


async def test_a_record_is_read_and_one_that_is_gone_is_none() -> None:
    found = await learners(lambda _: httpx.Response(200, json=RECORD)).record("exchange")
    assert found is not None
    assert (found.state, found.request, found.presentation) == (
        "presentation-received",
        {"name": "ujuzi:r1"},
        {"proof": {}},
    )
    assert await learners(lambda _: httpx.Response(404, text="no")).record("exchange") is None


async def test_the_learners_word_is_taken_out_of_the_agents_account() -> None:
    declined = RECORD | {"state": "abandoned", "error_msg": "abandoned: I would rather not", "by_format": {}}
    found = await learners(lambda _: httpx.Response(200, json=declined)).record("exchange")
    assert found is not None
    assert (found.error, found.presentation) == ("I would rather not", None)


async def test_closing_and_deleting_twice_is_no_error() -> None:
    for status in (200, 404, 409):
        await learners(lambda _, status=status: httpx.Response(status, json={})).close(  # type: ignore[misc]
            "exchange", verified=True
        )
    for status in (200, 404):
        await learners(lambda _, status=status: httpx.Response(status, json={})).remove("exchange")  # type: ignore[misc]


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_an_agent_that_refuses_or_fails_is_a_typed_error(status: int) -> None:
    agent = learners(lambda _: httpx.Response(status, text="no"))
    with pytest.raises(AgentTrouble):
        await agent.invite("r1", "purpose")
    with pytest.raises(AgentTrouble):
        await agent.close("exchange", verified=True)


async def test_an_agent_that_cannot_be_reached_or_speaks_otherwise_is_a_typed_error() -> None:
    def unreachable(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(AgentTrouble):
        await learners(unreachable).record("exchange")
    with pytest.raises(AgentTrouble, match="another form"):
        await learners(lambda _: httpx.Response(200, json={"state": 7})).record("exchange")
