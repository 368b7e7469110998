"""What the real services answer to bad input, and that nothing of it stays."""

import httpx
import pytest

from services.launcher.domain.story import JUNIOR, ClaimableAward
from shared.web.didcomm_edge import MAX_ENVELOPE
from tests.support.envelopes import envelope, verkey
from tests.support.exchange import RunningExchange

WITH_AGENT = ("issuer", "wallet", "verifier")
SERVICES = (*WITH_AGENT, "trust_registry")


def problem(answer: httpx.Response, status: int, reason: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize("service", WITH_AGENT)
async def test_the_door_for_envelopes_refuses(exchange: RunningExchange, service: str) -> None:
    async def post(body: bytes, media_type: str = "application/didcomm-envelope-enc") -> httpx.Response:
        url, headers = f"{exchange.endpoints[service]}/didcomm", {"Content-Type": media_type}
        return await exchange.client.post(url, content=body, headers=headers)

    for_nobody = envelope(verkey(9))
    problem(await post(for_nobody), 404, "Nobody here owns a key this envelope is for")
    problem(await post(b"{}"), 400, "Expected a DIDComm v1 envelope, found no 'protected'")
    problem(await post(for_nobody, "application/json"), 415, "Expected the media type application/didcomm")
    problem(await post(b"x" * (MAX_ENVELOPE + 1)), 413, f"({MAX_ENVELOPE} bytes), found more")


@pytest.mark.parametrize("service", SERVICES)
async def test_every_service_says_how_it_is_and_refuses_strangers(
    exchange: RunningExchange, service: str
) -> None:
    url = exchange.endpoints[service]
    assert (await exchange.client.get(f"{url}/health")).json() == {"status": "ok"}
    ready = await exchange.client.get(f"{url}/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["checks"].values()) == {"ok"}
    assert (await exchange.client.get(f"{url}/openapi.json")).json()["openapi"].startswith("3.")
    problem(await exchange.client.get(f"{url}/v1/nothing"), 404, "Not Found")
    private = {
        "issuer": "awards",
        "wallet": "trust-lists",
        "verifier": "requests",
        "trust_registry": "entities",
    }
    stranger = {"Authorization": "Bearer nobody's"}
    answer = await exchange.client.get(f"{url}/v1/{private[service]}", headers=stranger)
    problem(answer, 401, "Expected a valid API key")


async def test_a_faulty_spreadsheet_leaves_no_award(
    exchange: RunningExchange, template_id: str, awards: list[ClaimableAward], spreadsheet: str
) -> None:
    assert awards  # the good batch is in, so the list is not empty anyway
    before = await exchange.issuer_api.get("/v1/awards", limit="500")
    officer = {"Authorization": f"Bearer {exchange.endpoints['keys']['issuer']}", "Content-Type": "text/csv"}

    async def send(text: str, template: str, **options: str) -> httpx.Response:
        return await exchange.client.post(
            f"{exchange.endpoints['issuer']}/v1/batches",
            params={"template": template, **options},
            content=text.encode(),
            headers=officer,
        )

    header = spreadsheet.replace("phone", "shoe_size", 1)
    problem(await send(header, template_id, accept_good_rows="true"), 422, "nothing was stored")
    problem(await send(spreadsheet + "=1+1,,,,,never,\n", template_id), 422, "24 rows are good and 1 is not")
    unknown = "01991a6e-0000-7000-8000-000000000001"
    problem(await send(spreadsheet, unknown), 404, f"There is no template {unknown}")
    draft = await exchange.issuer_api.post("/v1/templates", {"title": {"en": "Draft"}, "language": "en"})
    problem(await send(spreadsheet, draft["id"]), 409, "is not published yet")
    assert await exchange.issuer_api.get("/v1/awards", limit="500") == before


async def test_a_repeated_request_with_an_idempotency_key_is_made_once(exchange: RunningExchange) -> None:
    headers = {
        "Authorization": f"Bearer {exchange.endpoints['keys']['verifier']}",
        "Idempotency-Key": "bad-input-1",
    }
    url = f"{exchange.endpoints['verifier']}/v1/requests"
    first = await exchange.client.post(url, json=JUNIOR.body(), headers=headers)
    again = await exchange.client.post(url, json=JUNIOR.body(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = await exchange.client.post(url, json=JUNIOR.body() | {"purpose": "Another"}, headers=headers)
    problem(other, 422, "Idempotency-Key")
