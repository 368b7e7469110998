"""Text messages go through any gateway that takes one POST, and what it answers is told apart."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from pydantic import JsonValue

from issuer.adapters.http_sms import HttpSms, SmsGateway
from issuer.domain.message import Channel, Message
from issuer.errors import ChannelAway, MessageRefused, NotNow
from issuer.ports import Letter
from shared.adapters.guarded_http import GuardedClient
from tests.support.free_port import free_port
from tests.support.http_server import Answer, Server, http_server
from tests.support.issuer import batch_of, prepared_award, published_template
from tests.support.messages import message_to

TO = "+254700000001"
TEXT = 'Trust: "Data", code {id} \\ é\nش'
LETTER = Letter("subject", "text", "html", TEXT)
BODY: dict[str, JsonValue] = {
    "to": ["{to}"],
    "message": {"text": "{text}", "ref": "ujuzi-{id}"},
    "from": "{sender}",
    "flash": False,
}


@pytest.fixture
async def gateway() -> AsyncIterator[Server]:
    async with http_server() as server:
        server.serve("/send", '{"messages": [{"status": "accepted", "code": 0}]}')
        yield server


def settings(server: Server) -> SmsGateway:
    return SmsGateway(
        url=f"{server.url}/send",
        body=BODY,
        headers={"Authorization": "Bearer secret"},
        success="/messages/0/status=accepted",
    )


def message() -> Message:
    template = published_template()
    return message_to(prepared_award(template, batch_of(template)), channel=Channel.SMS)


async def send(told: SmsGateway, one: Message | None = None) -> int:
    async with GuardedClient({}, allow_loopback=True, timeout=5) as web:
        return await HttpSms(told, web).send(one or message(), to=TO, sender="Trust", letter=LETTER)


async def test_the_places_are_filled_as_json_and_nothing_becomes_more_than_text(gateway: Server) -> None:
    one = message()
    assert await send(settings(gateway), one) == 1
    ((method, _, headers, body),) = gateway.requests
    assert (method, headers["authorization"], headers["content-type"]) == (
        "POST",
        "Bearer secret",
        "application/json",
    )
    assert json.loads(body) == {
        "to": [TO],
        "message": {"text": TEXT, "ref": f"ujuzi-{one.id}"},
        "from": "Trust",
        "flash": False,
    }


async def test_a_form_is_filled_too(gateway: Server) -> None:
    told = replace(settings(gateway), body={"to": "{to}", "text": "{text}"}, format="form")
    await send(told)
    ((_, _, headers, body),) = gateway.requests
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {"to": [TO], "text": [TEXT]}


@pytest.mark.parametrize(
    ("answer", "refusal", "why"),
    [
        (Answer(b"{}", 403), ChannelAway, "does not let us in"),
        (Answer(b"{}", 429), NotNow, "status 429"),
        (Answer(b"{}", 500), NotNow, "status 500"),
        (Answer(b"unknown number +254700000001", 404), MessageRefused, "unknown number …"),
        (Answer(b'{"messages": [{"status": "rejected"}]}'), MessageRefused, "it said 'rejected'"),
        (Answer(b'{"messages": []}'), MessageRefused, "it said 'nothing'"),
        (Answer(b"OK"), MessageRefused, "it said 'nothing'"),
        (Answer(b"", 200, hang_up=True), NotNow, "did not answer"),
    ],
)
async def test_what_a_gateway_answers_is_told_apart(
    gateway: Server, answer: Answer, refusal: type[Exception], why: str
) -> None:
    gateway.answers["/send"] = answer
    with pytest.raises(refusal, match=why) as refused:
        await send(settings(gateway))
    assert TO not in str(refused.value)


async def test_a_gateway_that_is_not_there_is_tried_again_and_one_within_our_network_never_called(
    gateway: Server,
) -> None:
    with pytest.raises(NotNow, match="did not answer"):
        await send(replace(settings(gateway), url=f"http://127.0.0.1:{free_port()}/send"))
    async with GuardedClient({}, timeout=5) as web:
        with pytest.raises(ChannelAway, match="none that may be called"):
            await HttpSms(settings(gateway), web).send(message(), to=TO, sender="Trust", letter=LETTER)
    assert not gateway.requests


async def test_the_log_says_once_that_it_is_away_and_once_that_it_is_back(
    gateway: Server, caplog: pytest.LogCaptureFixture
) -> None:
    good = gateway.answers["/send"]
    async with GuardedClient({}, allow_loopback=True, timeout=5) as web:
        sms = HttpSms(settings(gateway), web)
        for status, refusal in ((403, ChannelAway), (403, ChannelAway), (500, NotNow)):
            gateway.answers["/send"] = Answer(b"{}", status)
            with pytest.raises(refusal):
                await sms.send(message(), to=TO, sender="Trust", letter=LETTER)
        gateway.answers["/send"] = good
        for _ in range(2):
            await sms.send(message(), to=TO, sender="Trust", letter=LETTER)
    assert caplog.messages == [
        "the SMS gateway is away: it answers with status 403",
        "the SMS gateway is back after 0 s",
    ]


async def test_its_credentials_are_not_shown(gateway: Server) -> None:
    assert "secret" not in repr(settings(gateway))
