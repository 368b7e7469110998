"""Signing in with an OpenID provider by Authlib: authorization code with PKCE (S256), and an ID token that is checked.

Steps (OpenID Connect Core 1.0, section 3.1): 1 read the discovery document, whose issuer must be the configured one;
2 send the browser away with state, nonce and PKCE challenge; 3 exchange the code; 4 check the ID token: signature by
a key of the provider, issuer, audience, expiry, nonce.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from shared.ports.errors import Unavailable
from shared.ports.members import Identity, SentAway, SignInRefused

SCOPE: Final = "openid"
"""No more is asked for: who it is stands in the token, name and address are what the administrator entered."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures by a key pair only: with HS256 whoever knows the client secret could name anybody."""
TIMEOUT: Final = 10.0
KEPT_SECONDS: Final = 3600.0
LEEWAY_SECONDS: Final = 60
LONGEST_SUBJECT: Final = 255
LARGEST_ANSWER: Final = 1024 * 1024
OK: Final = 200


class OidcSettings(Protocol):
    """What an operator says of the provider: all of it, or nothing."""

    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: SecretStr | None


class OidcProvider:
    """The port AskProvider."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        redirect_uri: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is fetched before the first sign-in; `clock` counts seconds since 1970."""
        self._issuer = issuer
        self._client_id = client_id
        self._secret = client_secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._known: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    @property
    def name(self) -> str:
        """The provider's host."""
        return urlsplit(self._issuer).hostname or self._issuer

    async def begin(self) -> SentAway:
        """Start. Raises Unavailable."""
        known = await self._discover()
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        async with self._client() as client:
            url, state = client.create_authorization_url(
                known["authorization_endpoint"],
                state=secrets.token_urlsafe(32),
                nonce=nonce,
                code_verifier=verifier,
            )
        return SentAway(str(url), str(state), nonce, verifier)

    async def finish(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Who signed in. Raises SignInRefused, Unavailable."""
        known = await self._discover()
        if not code:
            raise SignInRefused("The provider let nobody in.")
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    known["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
        except AuthlibBaseError as error:
            raise SignInRefused(f"The provider refused the code: {error.error}.") from error
        except (httpx.HTTPError, ValueError) as error:
            raise self._away() from error
        return await self._identity(str(token.get("id_token", "")), nonce)

    async def _identity(self, token: str, nonce: str) -> Identity:
        keys = self._keys or await self._fetch_keys()
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                # the provider may have a new key by now; a token that is wrong stays wrong
                decoded = jwt.decode(token, await self._fetch_keys(), algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": nonce, "client_id": self._client_id},
            )
            claims.validate(now=int(self._clock()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignInRefused(
                f"The provider's ID token does not hold: {type(error).__name__}: {error}."
            ) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise SignInRefused("The provider's ID token does not hold: it names nobody.")
        return Identity(self._issuer, subject)

    async def _discover(self) -> Mapping[str, Any]:
        if not self._known or self._clock() - self._read_at > KEPT_SECONDS:
            found = await self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            if (
                not all(isinstance(found.get(name), str) for name in needed)
                or found["issuer"] != self._issuer
            ):
                raise self._away()
            self._known, self._keys, self._read_at = found, None, self._clock()
        return self._known

    async def _fetch_keys(self) -> KeySet:
        found = await self._get(self._known["jwks_uri"])
        try:
            self._keys = KeySet.import_key_set({"keys": found["keys"]})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._away() from error
        return self._keys

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT) as client:
                answer = await client.get(url)
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away() from error
        if answer.status_code != OK or len(answer.content) > LARGEST_ANSWER or not isinstance(found, dict):
            raise self._away()
        return found

    def _client(self) -> Any:  # noqa: ANN401 - Authlib ships no types
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )

    def _away(self) -> Unavailable:
        return Unavailable("the OpenID provider does not answer as one")


def provider_of(settings: OidcSettings, redirect_uri: str) -> OidcProvider | None:
    """The configured provider; None if there is none."""
    issuer, client_id, secret = (
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
    )
    if issuer is None or client_id is None or secret is None:
        return None
    return OidcProvider(issuer, client_id, secret.get_secret_value(), redirect_uri=redirect_uri)
