"""The adapter for OpenID providers against a real server that signs its tokens, and the ways in which tokens can be wrong."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey

from shared.adapters.oidc_provider import OidcProvider
from shared.ports.errors import Unavailable
from shared.ports.members import Identity, SentAway, SignInRefused
from tests.support.free_port import free_port
from tests.support.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer, oidc_server

BACK = "http://localhost:1/sign-in/elsewhere/back"


@pytest.fixture
async def server() -> AsyncIterator[OidcServer]:
    async with oidc_server() as running:
        yield running


def provider(issuer: str, secret: str = CLIENT_SECRET) -> OidcProvider:
    return OidcProvider(issuer, CLIENT_ID, secret, redirect_uri=BACK)


async def code_of(sent: SentAway) -> str:
    """What a browser brings back."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(sent.url)
    back = httpx.URL(answer.headers["location"])
    assert str(back).startswith(BACK)
    assert back.params["state"] == sent.state
    return str(back.params.get("code", ""))


async def signed_in(asked: OidcProvider) -> Identity:
    sent = await asked.begin()
    return await asked.finish(code=await code_of(sent), nonce=sent.nonce, verifier=sent.verifier)


async def test_the_provider_says_who_it_is_by_issuer_and_subject(server: OidcServer) -> None:
    assert await signed_in(provider(server.issuer)) == Identity(server.issuer, "amina-7")
    (asked,) = server.asked
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        "code",
        "openid",
        "S256",
    )


async def test_a_provider_that_changes_its_key_is_followed(server: OidcServer) -> None:
    asked = provider(server.issuer)
    await signed_in(asked)
    server.replace_key()
    assert await signed_in(asked) == Identity(server.issuer, "amina-7")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": ["ujuzi", "another"], "azp": "another"}, "azp"),
        ({"exp": int(time.time()) - 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"nonce": "of another attempt"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "it names nobody"),
        ({"sub": "x" * 256}, "it names nobody"),
    ],
)
async def test_an_id_token_with_a_wrong_claim_is_refused(
    server: OidcServer, claims: dict[str, object], reason: str
) -> None:
    server.claims = claims
    with pytest.raises(SignInRefused, match=rf"does not hold.*{reason}"):
        await signed_in(provider(server.issuer))


async def test_an_id_token_that_another_key_signed_is_refused(server: OidcServer) -> None:
    server.signs_with = ECKey.generate_key("P-256", {"kid": "first"})
    with pytest.raises(SignInRefused, match=r"does not hold.*bad_signature"):
        await signed_in(provider(server.issuer))


async def test_an_id_token_signed_with_the_clients_secret_is_refused(server: OidcServer) -> None:
    server.algorithm = "HS256"
    server.signs_with = OctKey.import_key(CLIENT_SECRET, {"kid": "first"})  # type: ignore[assignment]  # the point
    with pytest.raises(SignInRefused, match="does not hold"):
        await signed_in(provider(server.issuer))


async def test_a_code_counts_once_and_for_whoever_began(server: OidcServer) -> None:
    asked = provider(server.issuer)
    sent = await asked.begin()
    code = await code_of(sent)
    with pytest.raises(SignInRefused, match="refused the code: invalid_grant"):
        await asked.finish(code=code, nonce=sent.nonce, verifier="of-another-attempt" * 4)
    with pytest.raises(SignInRefused, match="refused the code: invalid_grant"):
        await asked.finish(code=code, nonce=sent.nonce, verifier=sent.verifier)


async def test_a_wrong_client_secret_is_refused(server: OidcServer) -> None:
    with pytest.raises(SignInRefused, match="refused the code"):
        await signed_in(provider(server.issuer, "wrong"))


async def test_whoever_the_provider_does_not_let_in_is_refused(server: OidcServer) -> None:
    server.lets_in = False
    with pytest.raises(SignInRefused, match="let nobody in"):
        await signed_in(provider(server.issuer))


async def test_a_provider_that_calls_itself_otherwise_or_is_away_signs_nobody_in(server: OidcServer) -> None:
    server.says_issuer = "https://evil.example"
    with pytest.raises(Unavailable, match="does not answer as one"):
        await provider(server.issuer).begin()
    with pytest.raises(Unavailable, match="does not answer as one"):
        await provider(f"http://127.0.0.1:{free_port()}").begin()
