"""Who asks too often is asked to wait, and nobody else."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from shared.web.app import create_app
from shared.web.auth import require_scope
from shared.web.problems import ProblemError
from shared.web.rate_limits import Buckets, RateLimit, client_address, usual_limits
from shared.web.settings import CommonSettings
from tests.support.fakes import MemoryApiKeys

PROXY = "10.0.0.1"
UNLOCK = re.compile(r"POST /v1/wallets/[^/]+/unlock$")
LIMITS = [
    RateLimit(re.compile("POST /claim/"), "address", 3),
    RateLimit(UNLOCK, "address and path", 2, only_forbidden=True),
    RateLimit(re.compile("POST /v1/wallets$"), "address", 2, seconds=86_400),
    RateLimit(re.compile("[A-Z]+ /v1/"), "key", 4),
    RateLimit(re.compile("[A-Z]+ /"), "address", 2, only_unauthenticated=True),
]


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/claim/{token}")
    async def open_to_all(token: str) -> str:
        return token

    @router.post("/v1/wallets")
    async def new_wallet() -> str:
        return "made"

    @router.post("/v1/wallets/{wallet_id}/unlock")
    async def unlock(wallet_id: str, key: str = "wrong") -> str:
        if key != "right":
            raise ProblemError(403, f"This key does not open {wallet_id}.")
        return "open"

    @router.get("/v1/awards", dependencies=[Depends(require_scope("awards:read"))])
    async def awards() -> str:
        return "awards"

    return router


@asynccontextmanager
async def nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
def app() -> FastAPI:
    keys = MemoryApiKeys({"reader": {"awards:read"}, "other": {"awards:read"}})
    return create_app(
        "Test",
        lifespan=nothing,
        routers=[routes()],
        ready_checks={},
        find_api_key=keys.find,
        rate_limits=LIMITS,
        trusted_proxies=[PROXY],
    )


def at(app: FastAPI, address: str, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def answers(client: httpx.AsyncClient, method: str, path: str, times: int) -> list[int]:
    return [(await client.request(method, path)).status_code for _ in range(times)]


async def test_one_address_is_told_when_to_come_back_and_others_are_heard(app: FastAPI) -> None:
    first = at(app, "192.0.2.1")
    assert await answers(first, "POST", "/claim/a", 3) == [200, 200, 200]
    refused = await first.post("/claim/another")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "20"
    assert "Try again in 20 s" in refused.json()["detail"]
    assert await answers(at(app, "192.0.2.2"), "POST", "/claim/a", 1) == [200]


async def test_a_stranger_does_not_lock_the_learner_out_of_her_wallet(app: FastAPI) -> None:
    stranger, learner = at(app, "192.0.2.1"), at(app, "192.0.2.2")
    assert await answers(stranger, "POST", "/v1/wallets/hers/unlock", 4) == [403, 403, 429, 429]
    assert await answers(learner, "POST", "/v1/wallets/hers/unlock", 1) == [403]
    assert await answers(stranger, "POST", "/v1/wallets/his/unlock", 1) == [403]


async def test_the_right_key_is_heard_at_once_after_however_many_wrong_ones_from_the_same_address(
    app: FastAPI,
) -> None:
    behind_one_address = at(app, "192.0.2.1")
    await answers(behind_one_address, "POST", "/v1/wallets/hers/unlock", 20)
    slowed = await behind_one_address.post("/v1/wallets/hers/unlock")
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "30")
    assert "does not open" not in slowed.text
    assert await answers(behind_one_address, "POST", "/v1/wallets/hers/unlock?key=right", 9) == [200] * 9


async def test_a_limit_may_be_for_a_day(app: FastAPI) -> None:
    one = at(app, "192.0.2.1")
    assert await answers(one, "POST", "/v1/wallets", 2) == [200, 200]
    refused = await one.post("/v1/wallets")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, str(12 * 60 * 60))
    assert await answers(at(app, "192.0.2.2"), "POST", "/v1/wallets", 1) == [200]


async def test_a_key_has_a_limit_of_its_own_wherever_it_is_used(app: FastAPI) -> None:
    for number in range(4):
        here = at(app, f"192.0.2.{number}", Authorization="Bearer reader")
        assert await answers(here, "GET", "/v1/awards", 1) == [200]
    assert await answers(at(app, "192.0.2.9", Authorization="Bearer reader"), "GET", "/v1/awards", 1) == [429]
    assert await answers(at(app, "192.0.2.9", Authorization="Bearer other"), "GET", "/v1/awards", 1) == [200]


async def test_guessing_keys_is_slow_and_right_keys_elsewhere_are_not_held_up(app: FastAPI) -> None:
    guesses = [
        (await answers(at(app, "192.0.2.1", Authorization=f"Bearer {guess}"), "GET", "/v1/awards", 1))[0]
        for guess in range(3)
    ]
    assert guesses == [401, 401, 429]
    assert await answers(at(app, "192.0.2.2", Authorization="Bearer reader"), "GET", "/v1/awards", 1) == [200]


async def test_only_a_trusted_proxy_says_who_asks(app: FastAPI) -> None:
    liar = [
        (
            await answers(
                at(app, "192.0.2.1", **{"X-Forwarded-For": f"198.51.100.{n}"}), "POST", "/claim/a", 1
            )
        )[0]
        for n in range(4)
    ]
    assert liar == [200, 200, 200, 429]
    behind_proxy = [
        (await answers(at(app, PROXY, **{"X-Forwarded-For": f"198.51.100.{n}"}), "POST", "/claim/a", 1))[0]
        for n in range(4)
    ]
    assert behind_proxy == [200] * 4


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        (PROXY, None, PROXY),
        (PROXY, "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        (PROXY, f"192.0.2.7, {PROXY}", "192.0.2.7"),
        ("::ffff:192.0.2.1", None, "192.0.2.1"),
        ("2001:db8::1", None, str(0x20010DB800000000)),
        ("2001:db8::ffff:2", None, str(0x20010DB800000000)),
        (PROXY, "rubbish", "rubbish"),
    ],
)
def test_who_asks(peer: str, forwarded: str | None, found: str) -> None:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    assert client_address(scope, [ip_network(PROXY)]) == found
    assert client_address(scope, [ip_network("10.0.0.0/24")]) == found


def test_a_bucket_fills_evenly_and_never_beyond_its_size() -> None:
    now = 0.0
    buckets = Buckets(lambda: now)
    for _ in range(6):
        assert buckets.missing("a", 6) == 0
        buckets.take("a", 6)
    assert buckets.missing("a", 6) == 10
    now = 10.0
    assert buckets.missing("a", 6) == 0
    now = 1000.0
    for _ in range(6):
        buckets.take("a", 6)
    assert buckets.missing("a", 6) == 10


def test_no_more_buckets_are_kept_than_fit() -> None:
    buckets = Buckets(lambda: 0.0, most=2)
    for name in ("a", "b", "c"):
        buckets.take(name, 1)
    assert len(buckets._kept) == 2
    assert buckets.missing("a", 1) == 0
    assert buckets.missing("c", 1) == 60


def test_signing_in_is_slow_for_one_address() -> None:
    limits = usual_limits(CommonSettings.model_construct())
    sixty = [limit for limit in limits if limit.per == "address" and limit.many == 60]
    for asked in ("POST /join", "POST /sign-in/passkey/options", "GET /sign-in/elsewhere/back"):
        assert any(limit.begins.match(asked) for limit in sixty)
    assert not any(limit.begins.match("GET /sign-in") for limit in sixty)


def test_the_usual_limits_let_sixty_learners_through_from_one_address() -> None:
    settings = CommonSettings.model_construct()
    limits = usual_limits(settings, public_posts=["/claim/", "/v1/wallets"])

    def least(asked: str) -> int:
        return min(
            limit.many for limit in limits if limit.begins.match(asked) and not limit.only_unauthenticated
        )

    at_once = 60
    for asked, each in (
        ("POST /claim/token", 2),
        ("POST /v1/wallets", 1),
        ("POST /v1/wallets/one/unlock", 2),
        ("POST /didcomm", 20),
        ("GET /orgs/amal/did.jsonl", 20),
    ):
        assert least(asked) >= at_once * each
    assert not any(limit.begins.match("GET /health") or limit.begins.match("GET /ready") for limit in limits)
