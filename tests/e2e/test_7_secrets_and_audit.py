"""No secret in arguments, logs or answers; who did what is noted, and nothing personal with it."""

import csv
import io
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.launcher.adapters.http_json import JsonApi
from services.launcher.domain.story import JUNIOR, ClaimableAward
from services.launcher.errors import ServiceRefused
from tests.support.exchange import RunningExchange, children_of
from tests.support.traces import forms_of, traces

SERVICES = ("issuer", "wallet", "verifier", "trust_registry")
SHORTEST = 5
"""Shorter values ("KE", "en") stand in any text by chance."""


async def test_no_secret_stands_in_arguments_logs_or_answers(
    exchange: RunningExchange, awards: list[ClaimableAward]
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    token = session_token(graduate.learner)
    secrets = {
        *leaves(json.loads((exchange.home / "secrets.json").read_text())),
        *exchange.endpoints["keys"].values(),
        graduate.passphrase,
        token,
        award.claim_url.rsplit("/", 1)[-1],
    }
    answers = [text async for text in refusals(exchange, str(graduate.learner.wallet_id), award, token)]

    assert len(secrets) > 15
    processes = [exchange.process.pid, *descendants(exchange.process.pid)]
    assert len(processes) == 9
    told = [arguments_of(pid) for pid in processes]
    told += [text.encode() for text in answers]
    logs = list((exchange.home / "logs").iterdir())
    assert len(logs) >= 8
    assert traces(secrets, logs) == []
    assert [
        secret for secret in secrets if any(form in text for text in told for form in forms_of(secret))
    ] == []


async def test_who_did_what_is_noted_in_every_service_without_names_or_values(
    exchange: RunningExchange, awards: list[ClaimableAward], spreadsheet: str
) -> None:
    award = awards.pop()
    graduate = await exchange.new_graduate()
    await graduate.take_award(await exchange.issuer.claim(award.claim_url))
    request_id, invitation_url = await exchange.verifier.ask(JUNIOR.body())
    await graduate.answer(invitation_url)
    await exchange.verifier.verdict(request_id)
    claims = [claim for one in await graduate.learner.credentials() for claim in one["claims"]]

    logs = {service: await whole_log(exchange, service) for service in SERVICES}

    at_issuer = {(line["what"], line["outcome"]) for line in logs["issuer"]}
    assert ("POST /v1/batches", "changed") in at_issuer
    assert ("POST /claim/{token}", "changed") in at_issuer
    assert any(f"award:{award.id}" in line["objects"] for line in logs["issuer"])
    by_learner = {
        line["what"] for line in logs["wallet"] if line["who"] == f"wallet:{graduate.learner.wallet_id}"
    }
    assert {"POST /v1/offers/{offer_id}/accept", "POST /v1/requests/{request_id}/consent"} <= by_learner
    asked = [line for line in logs["verifier"] if any(request_id in name for name in line["objects"])]
    assert [(line["what"], line["outcome"]) for line in asked] == [("POST /v1/requests", "changed")]
    assert {"POST /v1/entities", "POST /v1/entities/{entity_id}/authorizations"} <= {
        line["what"] for line in logs["trust_registry"]
    }
    by_officers = [
        line["who"] for name in ("issuer", "verifier", "trust_registry") for line in logs[name]
        if line["what"] != "RETENTION"
    ]  # fmt: skip
    assert all(who is None or who.startswith("key:") for who in by_officers)
    by_itself = {line["who"] for lines in logs.values() for line in lines if line["what"] == "RETENTION"}
    assert by_itself <= {"service"}

    personal = {value for row in csv.DictReader(io.StringIO(spreadsheet)) for value in row.values()}
    personal |= {str(claim[form]) for claim in claims for form in ("raw", "value")}
    ids = {str(claim["raw"]) for claim in claims if claim["name"] in {"achievement_id", "awarding_body_id"}}
    personal = {value for value in personal - ids if len(value) >= SHORTEST}
    personal.add(award.claim_url.rsplit("/", 1)[-1])
    written = json.dumps([{**line, "at": ""} for lines in logs.values() for line in lines])
    assert [value for value in personal if value in written] == []


async def test_every_party_shows_its_administrator_the_envelopes_it_gave_up(
    exchange: RunningExchange,
) -> None:
    for service in ("issuer", "wallet", "verifier"):
        api = JsonApi(exchange.endpoints[service], exchange.endpoints["keys"][service], exchange.client)
        page = await api.get("/v1/didcomm/poison")
        assert page["count"] == len(page["items"])
        with pytest.raises(ServiceRefused, match="No envelope has this number"):
            await api.post("/v1/didcomm/poison/999999/replay")


async def test_guesses_at_a_wallet_are_slowed_and_its_learner_stays_in(exchange: RunningExchange) -> None:
    graduate = await exchange.new_graduate()
    unlock = f"{exchange.endpoints['wallet']}/v1/wallets/{graduate.learner.wallet_id}/unlock"
    guess = {"wallet_key": urlsafe_b64encode(bytes(32)).decode().rstrip("=")}

    answers = [await exchange.client.post(unlock, json=guess) for _ in range(12)]

    assert [answer.status_code for answer in answers[:10]] == [403] * 10
    slowed = answers[-1]
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["retry-after"]) <= 6
    assert await graduate.learner.credentials() == []
    await graduate.learner.lock()
    await graduate.learner.unlock(graduate.passphrase)
    assert await graduate.learner.credentials() == []


async def whole_log(exchange: RunningExchange, service: str) -> list[dict[str, Any]]:
    api = JsonApi(exchange.endpoints[service], exchange.endpoints["keys"][service], exchange.client)
    lines: list[dict[str, Any]] = []
    asked: dict[str, str] = {"limit": "100"}
    while True:
        page = await api.get("/v1/audit", **asked)
        lines += page["items"]
        if page["next"] is None:
            return lines
        asked["after"] = page["next"]


async def refusals(
    exchange: RunningExchange, wallet_id: str, award: ClaimableAward, token: str
) -> AsyncIterator[str]:
    """What the services answer to requests that bear secrets and are refused."""
    bearing = {"Authorization": f"Bearer {token}"}
    for service in SERVICES:
        base, key = exchange.endpoints[service], exchange.endpoints["keys"][service]
        for path, headers, body in (
            ("/v1/nowhere", {"Authorization": f"Bearer {key}"}, {"key": key}),
            ("/v1/trust-lists", {"Authorization": f"Bearer {key}x"}, {"url": key}),
            ("/v1/audit", bearing, {"token": token}),
        ):
            answer = await exchange.client.post(f"{base}{path}", headers=headers, json=body)
            assert answer.is_client_error
            yield answer.text
    wallet = exchange.endpoints["wallet"]
    wrong = b64encode(bytes(32)).decode().rstrip("=")
    for url, body in (
        (f"{wallet}/v1/wallets/{wallet_id}/unlock", {"wallet_key": wrong}),
        (f"{wallet}/v1/wallets", {"wallet_key": token, "unlock_methods": []}),
        (award.claim_url, {"code": token}),
        (f"{award.claim_url}x", {"code": token}),
    ):
        answer = await exchange.client.post(url, headers=bearing, json=body)
        assert answer.is_client_error
        yield answer.text


def session_token(learner: Any) -> str:  # noqa: ANN401 - what the device holds is its own
    return str(learner._wallet._headers["Authorization"].removeprefix("Bearer "))


def leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    else:
        yield str(value)


def descendants(pid: int) -> list[int]:
    children = children_of(pid)
    return [*children, *(below for child in children for below in descendants(child))]


def arguments_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
