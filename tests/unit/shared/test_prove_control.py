"""`POST /v1/keys/prove`: a service proves its DID to whoever asks an administrator for it, and signs nothing else."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.ports.api_keys import ApiKey
from shared.vc import jws
from shared.vc.did_control import CONTROL_JWS_TYPE, Challenge, check_control
from shared.vc.webvh import verification_method
from shared.web.app import create_app
from shared.web.did_host import keys_router
from tests.support.dids import Party, party

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGISTRY = "did:webvh:QmRegistry:registry.ujuzi.test:authority:demo"
KEYS = {"admin": frozenset({"admin"}), "officer": frozenset({"awards:write"})}


class OneDid:
    """Holds one DID."""

    def __init__(self, held: Party) -> None:
        self.held = held

    async def ensure_did(self, path: tuple[str, ...]) -> str:
        assert path == ("orgs", "school")
        return self.held.did

    async def sign_jws(self, did: str, payload: Mapping[str, Any], *, typ: str) -> str:
        return jws.sign(payload, key=self.held.key, kid=verification_method(did, self.held.key), typ=typ)


async def find(presented: str) -> ApiKey | None:
    return ApiKey(id=presented, name=presented, scopes=KEYS[presented]) if presented in KEYS else None


async def rotate() -> str:
    raise AssertionError("nobody asked for a new key")


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


async def ask(
    held: Party,
    *,
    key: str = "admin",
    **changes: Any,  # noqa: ANN401 - JSON
) -> httpx.Response:
    app = create_app(
        "test",
        lifespan=nothing,
        routers=[keys_router(rotate, OneDid(held), ("orgs", "school"), clock=lambda: NOW)],
        ready_checks={},
        find_api_key=find,
    )
    body = {
        "did": held.did,
        "audience": REGISTRY,
        "nonce": "n" * 43,
        "expires": (NOW + timedelta(days=7)).isoformat(),
    }
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://issuer.test") as client,
    ):
        return await client.post(
            "/v1/keys/prove", json=body | changes, headers={"Authorization": f"Bearer {key}"}
        )


async def test_an_administrator_has_the_did_proven() -> None:
    held = party()

    answer = (await ask(held)).json()

    challenge = Challenge(did=held.did, audience=REGISTRY, nonce="n" * 43, expires=NOW + timedelta(days=7))
    assert check_control(answer["proof"], challenge, held.history(), now=NOW) == answer["key"]
    assert jws.header(answer["proof"])["typ"] == CONTROL_JWS_TYPE
    assert set(jws.peek(answer["proof"])[1]) == {"iss", "aud", "nonce", "iat", "exp"}


async def test_nobody_else_has_it_signed() -> None:
    answer = await ask(party(), key="officer")

    assert (answer.status_code, "lacks the scope 'admin'" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"did": "did:webvh:QmOther:other.test"}, "this service's own DID"),
        ({"expires": NOW.isoformat()}, "expires within 31 days"),
        ({"expires": (NOW + timedelta(days=32)).isoformat()}, "expires within 31 days"),
        ({"nonce": "a text that somebody wants signed"}, "expected form"),
        ({"audience": "https://registry.test"}, "expected form"),
        ({"purpose": "a loan"}, "expected form"),
    ],
)
async def test_nothing_but_a_challenge_for_its_own_did_is_signed(
    changes: dict[str, Any], reason: str
) -> None:
    answer = await ask(party(), **changes)

    assert (answer.status_code, reason in answer.json()["detail"]) == (422, True), answer.text
