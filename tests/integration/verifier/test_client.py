"""The client for job platforms against a real verifier over HTTP, and webhooks as the verifier signs them."""

import ast
import asyncio
import sys
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.contracts.webhooks import body_of, secret_text, signed_headers
from tests.support.asgi_server import serving
from tests.support.http_server import Answer, http_server
from tests.unit.verifier.test_api import NOW, Api, judged
from tests.unit.verifier.test_api import api as api  # noqa: PLC0414 - the fixture
from tests.unit.verifier.test_requirement import BODY
from tests.unit.verifier.test_templates import REF, TEMPLATE
from verifier.client import ujuzi_verifier
from verifier.client.ujuzi_verifier import (
    NotAllowed,
    Refused,
    Request,
    StillWaiting,
    Unknown,
    Unreachable,
    Verifier,
    WebhookNotGenuine,
    verify_webhook,
)
from verifier.domain.request import Created

KEY = bytes(range(32))
SECRET = secret_text(KEY)


@pytest.fixture
async def url(api: Api) -> AsyncIterator[str]:
    transport = api.client._transport
    assert isinstance(transport, httpx.ASGITransport)
    async with serving(transport.app) as base:
        yield base


def judge(api: Api, request_id: str) -> None:
    created = api.requests.stored[request_id]
    assert isinstance(created, Created)
    api.requests.stored[request_id] = judged(created)


async def test_a_request_is_made_followed_and_its_verdict_read(api: Api, url: str) -> None:
    with Verifier(url, "admin-key") as verifier:
        made = await asyncio.to_thread(verifier.ask, BODY)
        assert (made.state, made.is_final, made.verdict) == ("created", False, None)
        assert made.request_url.endswith(f"/r/{made.id}")

        seen: list[Request] = []

        def follow() -> None:
            for each in verifier.follow(made.id):
                seen.append(each)
                if each.state == "created":
                    judge(api, made.id)

        await asyncio.to_thread(follow)
        assert [each.state for each in seen] == ["created", "judged"]
        verdict = seen[-1].verdict
        assert verdict is not None
        assert (verdict.result, seen[-1].accepted) == ("rejected", False)
        assert [(step.number, step.outcome) for step in verdict.steps] == [(1, "failed")]
        assert (await asyncio.to_thread(verifier.wait, made.id, seconds=0)).receipt == "a.b.c"


async def test_a_template_is_asked_and_a_request_taken_back(api: Api, url: str) -> None:
    await api.client.post("/v1/templates", json=TEMPLATE)
    await api.client.post(f"/v1/templates/{REF}/publish")
    with Verifier(url, "admin-key") as verifier:
        with pytest.raises(Refused) as refused:
            await asyncio.to_thread(verifier.ask, template=REF, parameters={"nonsense": 1})
        assert refused.value.faults
        made = await asyncio.to_thread(verifier.ask, BODY)
        assert (await asyncio.to_thread(verifier.withdraw, made.id)).state == "withdrawn"


async def test_what_is_refused_is_raised_in_the_verifiers_own_words(url: str) -> None:
    with Verifier(url, "admin-key") as verifier:
        with pytest.raises(Refused, match="keep_days") as wrong:
            await asyncio.to_thread(verifier.ask, BODY | {"keep_days": 0})
        assert wrong.value.status == 422
        assert any("keep_days" in fault.where for fault in wrong.value.faults)
        with pytest.raises(Unknown, match="no request has this id"):
            await asyncio.to_thread(verifier.find, "nobody")
        made = await asyncio.to_thread(verifier.ask, BODY)
        with pytest.raises(StillWaiting, match="is created after 0 s"):
            await asyncio.to_thread(verifier.wait, made.id, seconds=0)
    with Verifier(url, "no-key") as stranger, pytest.raises(NotAllowed, match="401"):
        await asyncio.to_thread(stranger.find, made.id)
    with Verifier(url, "reading-key") as reader, pytest.raises(NotAllowed, match="requests:write"):
        await asyncio.to_thread(reader.ask, BODY)


async def test_a_verifier_that_is_busy_is_asked_again_as_it_says_under_one_key() -> None:
    pauses: list[float] = []
    async with http_server() as server:
        found = b'{"receipt": {"iss": "did:x"}}'
        server.answers["/v1/receipts/check"] = [
            Answer(status=429, headers={"Retry-After": "7"}),
            Answer(hang_up=True),
            Answer(found),
        ]
        with Verifier(server.url, "key", sleep=pauses.append) as verifier:
            receipt = await asyncio.to_thread(verifier.check_receipt, "a.b.c")
        keys = {headers["idempotency-key"] for _, _, headers, _ in server.requests}

    assert receipt == {"iss": "did:x"}
    assert pauses == [7.0, 1.0]
    assert (len(server.requests), len(keys)) == (3, 1)


async def test_a_verifier_that_stays_away_is_given_up() -> None:
    async with http_server() as server:
        server.answers["/v1/requests/r"] = Answer(hang_up=True)
        away = pytest.raises(Unreachable, match="failed 2 times, last: no answer")
        with Verifier(server.url, "key", tries=2, sleep=lambda _: None) as verifier, away:
            await asyncio.to_thread(verifier.find, "r")
        server.serve("/v1/requests/r", "<p>a login page</p>")
        other = pytest.raises(Unreachable, match="is this the verifier's address")
        with Verifier(server.url, "key") as elsewhere, other:
            await asyncio.to_thread(elsewhere.find, "r")


def test_a_webhook_of_the_verifier_is_verified_and_a_changed_or_old_one_is_not() -> None:
    body = body_of("request.judged", NOW, {"request_id": "r1", "result": "accepted"})
    headers = signed_headers([bytes(32), KEY], "m1", body, now=NOW)

    event = verify_webhook(SECRET, headers, body, now=NOW)
    assert (event.id, event.type, event.timestamp) == ("m1", "request.judged", NOW)
    assert event.data["result"] == "accepted"

    with pytest.raises(WebhookNotGenuine, match="no signature is by this secret"):
        verify_webhook(SECRET, headers, body.replace(b"r1", b"r2"), now=NOW)
    with pytest.raises(WebhookNotGenuine, match="no signature is by this secret"):
        verify_webhook(secret_text(b"x" * 32), headers, body, now=NOW)
    with pytest.raises(WebhookNotGenuine, match="too long ago"):
        verify_webhook(SECRET, headers, body, now=NOW + timedelta(minutes=6))
    with pytest.raises(WebhookNotGenuine, match="expected the headers"):
        verify_webhook(SECRET, {}, body, now=NOW)
    with pytest.raises(WebhookNotGenuine, match="expected a secret like"):
        verify_webhook("whsec_&", headers, body, now=NOW)
    with pytest.raises(WebhookNotGenuine, match="no signature"):
        verify_webhook("", headers, body, now=datetime.now(UTC))


def test_it_needs_nothing_but_httpx() -> None:
    module = Path(ujuzi_verifier.__file__)
    needed = tomllib.loads((module.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    tree = ast.parse(module.read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign == {"httpx"}
    assert [each.partition(">")[0] for each in needed] == ["httpx"]
