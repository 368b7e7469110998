"""The HTTP API over the ports in memory: statuses, problem documents, and what an answer does not repeat."""

import base64
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.vc.trust_decision import Snapshot
from shared.web.app import create_app
from shared.web.languages import LANGUAGES
from shared.web.pages import Pages
from shared.web.static_files import StaticFiles
from tests.support.fakes import MemoryApiKeys
from tests.support.wallet_fakes import (
    Clock,
    FixedLists,
    MemoryBook,
    MemoryChanges,
    MemoryFacts,
    MemorySealed,
    a_credential,
    a_desk,
    an_offer,
)
from tests.unit.trust.lists import snapshot
from tests.unit.wallet.test_answering import ASKED
from tests.unit.wallet.test_invitation import link
from wallet.adapters.memory_wallets import MemoryOpenWallets
from wallet.domain.capacity import Quota
from wallet.domain.inbox import Change
from wallet.domain.request import RequestExchange, RequestState
from wallet.entry.api import ROUTERS, Doors
from wallet.entry.own_words import WORDS
from wallet.entry.pages import pages_router
from wallet.entry.problems import PROBLEMS
from wallet.errors import AgentSilent
from wallet.main import STATIC, TEMPLATES
from wallet.use_cases.desk import Locks

KEY = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
WRONG = base64.urlsafe_b64encode(b"w" * 32).decode().rstrip("=")
ADMIN = {"Authorization": "Bearer admin-key"}
NEW = {"wallet_key": KEY, "unlock_methods": [{"method": "passphrase", "envelope": {"v": 1}}]}


class Pins(FixedLists):
    """`PinnedLists` that remembers nothing."""

    async def pin(self, pin: object) -> Snapshot:
        del pin
        return snapshot()

    async def unpin(self, url: str) -> None:
        del url

    async def refresh_all(self) -> None:
        return None


AWAY = "did:webvh:Qmb66snST7U2eS1n233PVYjfhqy132FrvrtB4MBBqveLmZ:away.example"


class Api:
    """The app, its client, and what lies behind it."""

    def __init__(
        self,
        app: FastAPI,
        client: httpx.AsyncClient,
        sealed: MemorySealed,
        clock: Clock,
        changes: MemoryChanges,
    ) -> None:
        self.app = app
        self.client, self.sealed, self.clock, self.changes = client, sealed, clock, changes

    @property
    def decoy_key(self) -> bytes:
        """By which wallets that do not live here answer."""
        return bytes(self.app.state.doors.locks.decoy_key)

    def limit(self, quota: Quota) -> None:
        """Let the installation grow to no more."""
        self.app.state.doors = replace(
            self.app.state.doors, locks=replace(self.app.state.doors.locks, quota=quota)
        )

    async def new_wallet(self) -> tuple[str, dict[str, str]]:
        made = (await self.client.post("/v1/wallets", json=NEW)).json()
        return made["wallet_id"], {"Authorization": f"Bearer {made['session_token']}"}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    sealed, clock, idle = MemorySealed(), Clock(), timedelta(minutes=10)
    changes = MemoryChanges()
    book = MemoryBook()
    locks = Locks(sealed, book, MemoryOpenWallets(idle, book), changes, clock)
    app = create_app(
        "Wallet",
        lifespan=lambda _: nullcontext(),
        routers=[
            *ROUTERS,
            pages_router(Pages(TEMPLATES, product="Ujuzi wallet"), StaticFiles(STATIC)),
        ],
        ready_checks={},
        find_api_key=MemoryApiKeys({"admin-key": {"admin"}}).find,
        problems=PROBLEMS,
    )
    facts = MemoryFacts(unreachable={AWAY})
    app.state.doors = Doors(locks, a_desk(facts=facts, changes=changes), Pins(), idle)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://wallet.example"
    ) as client:
        yield Api(app, client, sealed, clock, changes)


async def test_a_wallet_is_made_and_answers_to_its_token(api: Api) -> None:
    wallet_id, token = await api.new_wallet()

    assert (await api.client.get("/v1/credentials", headers=token)).json() == {"items": [], "next": None}
    outside = (await api.client.get(f"/v1/wallets/{wallet_id}")).json()
    assert outside == {"wallet_id": wallet_id, "state": "open", "waiting": 0}


@pytest.mark.parametrize(
    "body",
    [
        NEW | {"wallet_key": "not base64!"},
        NEW | {"wallet_key": "AAAA"},
        NEW | {"unlock_methods": []},
        NEW | {"unlock_methods": [{"method": "pin", "envelope": {"v": 1}}]},
        NEW | {"passphrase": "five words too many here"},
    ],
)
async def test_a_malformed_wallet_is_refused_without_repeating_it(api: Api, body: dict[str, Any]) -> None:
    answer = await api.client.post("/v1/wallets", json=body)

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.headers["content-type"] == "application/problem+json"
    assert KEY not in answer.text
    assert "five words" not in answer.text
    assert api.sealed.keys == {}


async def test_a_call_without_a_session_is_told_how_to_get_one(api: Api) -> None:
    answer = await api.client.get("/v1/offers")

    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Unlock the wallet" in answer.json()["detail"]


async def test_a_locked_wallet_answers_423_and_says_what_to_do(api: Api) -> None:
    wallet_id, token = await api.new_wallet()
    assert (await api.client.post("/v1/lock", headers=token)).status_code == httpx.codes.NO_CONTENT

    answer = await api.client.get("/v1/offers", headers=token)

    assert answer.status_code == httpx.codes.LOCKED
    assert "Unlock" in answer.json()["detail"]
    unlock = f"/v1/wallets/{wallet_id}/unlock"
    wrong = await api.client.post(unlock, json={"wallet_key": WRONG})
    assert wrong.status_code == httpx.codes.FORBIDDEN
    assert (await api.client.post(unlock, json={"wallet_key": KEY})).status_code == httpx.codes.OK


async def test_a_wallet_opens_though_nothing_in_it_can_be_settled(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet_id, _ = await api.new_wallet()

    async def silent(_category: str) -> None:
        raise AgentSilent("The agent did not answer in time.")

    monkeypatch.setattr(api.sealed.stores[wallet_id], "notes", silent)
    opened = await api.client.post(f"/v1/wallets/{wallet_id}/unlock", json={"wallet_key": KEY})
    assert opened.status_code == httpx.codes.OK


async def test_a_wallet_left_alone_answers_423(api: Api) -> None:
    _, token = await api.new_wallet()

    api.clock.forward(timedelta(minutes=11))

    assert (await api.client.get("/v1/offers", headers=token)).status_code == httpx.codes.LOCKED


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/invitations", {"url": "https://x.example/"}, 422),
        ("GET", "/v1/offers/none", None, 404),
        ("POST", "/v1/offers/none/accept", None, 404),
        ("GET", "/v1/credentials/none", None, 404),
        ("GET", "/v1/requests/none", None, 404),
        ("POST", "/v1/requests/none/consent", {"choices": {}}, 404),
        ("POST", "/v1/requests/none/consent", {"choices": [1]}, 422),
        ("GET", "/v1/wallets/none", None, 404),
        ("GET", "/v1/nothing", None, 404),
    ],
)
async def test_bad_input_gets_a_problem_document(
    api: Api, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    _, token = await api.new_wallet()

    answer = await api.client.request(method, path, json=body, headers=token)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_sender_who_is_away_answers_503_and_one_who_never_is_found_422(api: Api) -> None:
    _, token = await api.new_wallet()

    async def follow(sender: str) -> httpx.Response:
        body = {"url": link(services=[sender])}
        return await api.client.post("/v1/invitations", json=body, headers=token)

    away = await follow(AWAY)
    assert (away.status_code, away.headers["retry-after"]) == (503, "60")
    assert "where the sender of this link is cannot be had now" in away.json()["detail"]
    never = await follow("did:web:school.example")
    assert never.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "Ask the sender for a new link" in never.json()["detail"]
    assert "retry-after" not in never.headers


async def test_an_answer_that_leaves_out_a_warning_is_told_which(api: Api) -> None:
    wallet_id, token = await api.new_wallet()
    store = api.sealed.stores[wallet_id]
    store.held["c1"] = a_credential("c1")
    store.asked["r1"] = RequestExchange("r1", None, RequestState.OPEN, ASKED, "Trust me")

    async def answer(**more: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        body = {"choices": {"need_0": "c1"}, **more}
        return await api.client.post("/v1/requests/r1/consent", json=body, headers=token)

    shown = (await api.client.get("/v1/requests/r1", headers=token)).json()
    assert [one["code"] for one in shown["warnings"]] == ["unproven"]
    refused = await answer()
    assert (refused.status_code, refused.json()["unseen"]) == (httpx.codes.CONFLICT, ["unproven"])
    assert (await answer(acknowledged=["everything"])).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (await answer(accept_unproven=True)).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert store.sent == []
    assert (await answer(acknowledged=["unproven"])).status_code == httpx.codes.ACCEPTED


async def test_one_wallets_token_opens_no_other(api: Api) -> None:
    first, first_token = await api.new_wallet()
    _, second_token = await api.new_wallet()
    api.sealed.stores[first].held["c"] = a_credential("c")

    assert (await api.client.get("/v1/credentials/c", headers=first_token)).status_code == httpx.codes.OK
    assert (
        await api.client.get("/v1/credentials/c", headers=second_token)
    ).status_code == httpx.codes.NOT_FOUND


async def test_offers_can_be_asked_for_by_state(api: Api) -> None:
    wallet_id, token = await api.new_wallet()
    api.sealed.stores[wallet_id].offered["offer-1"] = an_offer()

    open_ones = (await api.client.get("/v1/offers?state=open", headers=token)).json()["items"]
    stored = (await api.client.get("/v1/offers?state=stored", headers=token)).json()["items"]

    assert [offer["id"] for offer in open_ones] == ["offer-1"]
    assert stored == []
    inbox = (await api.client.get("/v1/inbox", headers=token)).json()
    assert inbox == {"offers": 1, "requests": 0, "credentials": 0, "waiting": 0}


async def test_changes_are_told_as_server_sent_events(api: Api) -> None:
    wallet_id, token = await api.new_wallet()
    api.changes.announce(wallet_id, Change("offer", "offer-1"))
    api.changes.announce("another", Change("offer", "not hers"))

    told = await api.client.get("/v1/events", headers=token)

    assert told.headers["content-type"].startswith("text/event-stream")
    assert 'event: offer\ndata: {"kind": "offer", "id": "offer-1"}' in told.text
    assert "not hers" not in told.text


async def test_only_an_administrator_pins_lists(api: Api) -> None:
    _, token = await api.new_wallet()
    pin = {"url": "https://registry.example/lists/demo", "operator_key": "z6Mk", "name": "demo"}

    assert (
        await api.client.post("/v1/trust-lists", json=pin, headers=token)
    ).status_code == httpx.codes.UNAUTHORIZED
    assert (
        await api.client.post("/v1/trust-lists", json=pin, headers=ADMIN)
    ).status_code == httpx.codes.CREATED


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_speak_the_readers_language(api: Api, language: str) -> None:
    headers = {"Accept-Language": language}
    own = (await api.client.get("/open", headers=headers)).text
    assert WORDS[language]["own_open_more"] in unescape(own)


async def test_every_operation_is_described(api: Api) -> None:
    described = (await api.client.get("/openapi.json")).json()["paths"]

    undescribed = [
        (path, method)
        for path, operations in described.items()
        for method, operation in operations.items()
        if not operation.get("description")
    ]
    assert undescribed == []
    assert "/v1/requests/{request_id}/consent" in described
