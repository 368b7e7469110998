"""Every route that takes an id, of the API and of the pages, hidden ones too, tried with another learner's session.

What she has is answered as if it did not exist: with the status and the words that an id gets which nobody has. A route
that is not known here fails the test until somebody says how it is tried.
"""

import base64
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from shared.vc.wallet_lock import wrap
from tests.support.open_wallet import COOKIE, PASSPHRASE, PageLearner, url_of
from tests.support.wait import until
from tests.support.wallet import World
from wallet.domain.decoy import decoy_methods
from wallet.entry.browser import csrf_of
from wallet.main import create_app

ENVELOPE: Final = wrap(bytes(32), PASSPHRASE)
CONSENT: Final = {"choices": {"need_0": str(uuid4())}, "acknowledged": []}
QUESTION: Final = {"matter": "other", "text": "Is this mine?", "language": "en"}

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "POST /v1/wallets/{wallet_id}/unlock": {"json": {"wallet_key": secrets.token_urlsafe(32)}},
    "POST /v1/offers/{offer_id}/accept": {"json": {}},
    "POST /v1/offers/{offer_id}/decline": {"json": {"reason": "Not mine."}},
    "POST /v1/credentials/{credential_id}/questions": {"json": QUESTION},
    "POST /v1/requests/{request_id}/consent": {"json": CONSENT},
    "POST /v1/requests/{request_id}/decline": {"json": {"reason": "No."}},
    "POST /v1/history/{entry_id}/please-delete": {"json": {"language": "en"}},
    "DELETE /v1/wallet/unlock-methods/{method}": {},
    "POST /session/{wallet_id}": {"json": {"wallet_key": secrets.token_urlsafe(32)}},
    "POST /ways/{method_id}/remove": {"data": {}},
    "POST /history/{entry_id}/please-delete": {"data": {}},
    "POST /requests/{request_id}/answer": {"data": {"agreed": "yes"}},
    "POST /requests/{request_id}/decline": {"data": {"own": "No."}},
    "POST /offers/{offer_id}/accept": {"data": {}},
    "POST /offers/{offer_id}/decline": {"data": {"text": "Not mine."}},
    "POST /credentials/{credential_id}/seen": {"data": {}},
    "POST /credentials/{credential_id}/questions": {"data": {"text": "Is this mine?"}},
}
"""What each route that changes something wants besides an id."""
NO_IDS: Final = frozenset(
    {
        "PUT /v1/wallet/unlock-methods/{method}",
        "PUT /ways/{method}",
        "GET /ways/{what}",
        "GET /static/{version}/{name}",
    }
)
"""Kinds and names, the same for everybody."""
OPERATORS: Final = re.compile(r"\w+ /v1/(api-keys|didcomm|work)/")
"""Routes that no learner's session opens at all."""
DECOYS: Final = frozenset({"GET /v1/wallets/{wallet_id}", "GET /v1/wallets/{wallet_id}/unlock-methods"})
"""Of a wallet that does not live here they tell something too: the same kind of thing."""
DRAWN: Final = re.compile(r'"(id|credential_id|salt|iv|wrapped)": "[^"]+"')


@dataclass
class Learner:
    """A learner by the API and in a browser."""

    api: PageLearner
    wallet_id: str
    token: str
    ids: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
async def hers(world: World) -> Learner:
    """What there is of everything that has an id: a credential with a question, an offer, a request, a share in the history."""
    one = await new_learner(world)
    credential = await world.give(one.api, world.award("Nadia"))
    await one.api.ask(credential["id"], "other", "My name is written with two n.")
    shared, _ = await world.ask(one.api, world.proof_request())
    await one.api.consent(shared["id"], {"need_0": credential["id"]})

    async def entry() -> str | None:
        return next((each["id"] for each in await one.api.history() if each["kind"] == "shared"), None)

    one.ids["entry_id"] = await until(entry, 30, "what was shown stands in the history")
    open_offer, _ = await world.offer(one.api, world.award("Nadia", award_id=str(uuid4())))
    open_request, _ = await world.ask(one.api, world.proof_request())
    methods = await world.client.get(f"{world.url}/v1/wallets/{one.wallet_id}/unlock-methods")
    one.ids |= {
        "wallet_id": one.wallet_id,
        "credential_id": credential["id"],
        "offer_id": open_offer["id"],
        "request_id": open_request["id"],
        "connection_id": open_offer["connection_id"],
        "method": methods.json()["items"][1]["id"],
        "method_id": methods.json()["items"][1]["id"],
    }
    return one


@pytest.fixture(scope="module")
async def another(world: World) -> Learner:
    return await new_learner(world)


async def new_learner(world: World) -> Learner:
    key = secrets.token_bytes(32)
    methods = [{"method": kind, "envelope": wrap(key, PASSPHRASE)} for kind in ("passphrase", "recovery-kit")]
    body = {"wallet_key": encoded(key), "unlock_methods": methods}
    made = (await world.client.post(f"{world.url}/v1/wallets", json=body)).json()
    learner = PageLearner(world.url, world.client)
    learner.take(made["wallet_id"], made["session_token"])
    return Learner(learner, made["wallet_id"], made["session_token"])


def encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def routes_with_parameters(app: FastAPI) -> list[str]:
    return sorted(set(_walked(app.routes)))


def _walked(routes: Any) -> Iterator[str]:  # noqa: ANN401 - Starlette's and FastAPI's
    for one in routes:
        if (inner := getattr(one, "original_router", None)) is not None:
            yield from _walked(inner.routes)
        elif "{" in one.path:
            yield from (f"{method} {one.path}" for method in one.methods - {"HEAD"})


async def ask(world: World, who: Learner, route: str, ids: Mapping[str, str]) -> httpx.Response:
    """As her browser or her program does: with whatever the route wants, and a token of her own."""
    method, _, template = route.partition(" ")
    page, more = not template.startswith("/v1/"), dict(BODIES.get(route, {}))
    base = url_of(world)
    headers = (
        {"Authorization": f"Bearer {who.token}"} if not page else {"Origin": base, "Accept": "text/html"}
    )
    if page and "data" in more:
        more["data"] = {**more["data"], "csrf": csrf_of(who.token)}
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        if page:
            client.cookies.set(COOKIE, who.token)
        return await client.request(method, template.format(**ids), headers=headers, **more)


def without_trace(answer: httpx.Response, ids: Mapping[str, str], csrf: str) -> tuple[int, str, str]:
    """The answer with each id by its name, and without what names this very request."""
    text, place = answer.text, answer.headers.get("location", "")
    if "json" in answer.headers.get("content-type", ""):
        body = answer.json()
        for name in ("instance", "trace_id"):
            body.pop(name, None)
        text = json.dumps(body, sort_keys=True)
    for name, value in ids.items():
        text, place = text.replace(value, f"its {name}"), place.replace(value, f"its {name}")
    return answer.status_code, text.replace(csrf, "csrf"), place


def parameters(route: str) -> list[str]:
    return re.findall(r"{(\w+)}", route)


async def test_what_is_hers_is_answered_to_another_as_if_it_did_not_exist(
    world: World, hers: Learner, another: Learner
) -> None:
    routes = [each for each in routes_with_parameters(create_app(world.settings)) if each not in NO_IDS]
    assert len(routes) >= 16
    known = set(hers.ids)
    unheard = [
        each
        for each in routes
        if not OPERATORS.match(each)
        and (not known.issuperset(parameters(each)) or not (each.startswith("GET ") or each in BODIES))
    ]
    assert not unheard, "say in BODIES (and in `hers`) how these are tried with another learner's session"
    before = await state_of(hers)
    key = world.settings.decoy_key

    for route in routes:
        if OPERATORS.match(route):
            ids = dict.fromkeys(parameters(route), "1")
            assert (await ask(world, another, route, ids)).status_code == 401, route
            continue
        unknown = {name: str(uuid4()) for name in hers.ids}
        if route in DECOYS:
            while kinds(key, unknown["wallet_id"]) != kinds(key, hers.wallet_id):
                unknown["wallet_id"] = str(uuid4())
        csrf = csrf_of(another.token)
        to_hers = without_trace(await ask(world, another, route, hers.ids), hers.ids, csrf)
        to_nobodys = without_trace(await ask(world, another, route, unknown), unknown, csrf)
        if route in DECOYS:
            to_hers, to_nobodys = drawn(to_hers), drawn(to_nobodys)
        assert to_hers == to_nobodys, route
        assert to_hers[0] >= 300 or route in DECOYS, f"{route}: {to_hers[:1]}"

    assert await state_of(hers) == before, "nothing of hers has changed"


async def test_the_same_ids_are_there_for_whom_they_belong_to(world: World, hers: Learner) -> None:
    """Else the test above would compare two ids that nobody has."""
    for route in routes_with_parameters(create_app(world.settings)):
        if route.startswith("GET ") and route not in NO_IDS and not OPERATORS.match(route):
            unknown = {name: str(uuid4()) for name in hers.ids}
            mine = await ask(world, hers, route, hers.ids)
            nobodys = await ask(world, hers, route, unknown)
            assert mine.status_code in {200, 303}, f"{route}: {mine.status_code}"
            csrf = csrf_of(hers.token)
            assert without_trace(mine, hers.ids, csrf) != without_trace(nobodys, unknown, csrf), route


def kinds(key: bytes, wallet_id: str) -> list[str]:
    """The ways to unlock that are told of an id that does not live here: not the same for every id."""
    return [each.method for each in decoy_methods(key, wallet_id)]


def drawn(answer: tuple[int, str, str]) -> tuple[int, str, str]:
    """An envelope by what it is made of, without what chance drew."""
    return answer[0], DRAWN.sub(r'"\1": "…"', answer[1]), answer[2]


async def state_of(one: Learner) -> object:
    """All of hers that another could have moved."""
    return [
        [(each["id"], each["state"]) for each in await one.api.offers()],
        [(each["id"], each["state"]) for each in await one.api.requests()],
        [each["id"] for each in await one.api.credentials()],
        [each["id"] for each in await one.api.history()],
        await one.api.thread(one.ids["credential_id"]),
    ]
