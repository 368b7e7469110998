"""A small OpenID provider: it signs its tokens, checks PKCE and client, and does wrong what a test tells it to."""

import hashlib
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.asgi_server import serving
from tests.support.free_port import free_port

CLIENT_ID, CLIENT_SECRET = "ujuzi", "a-client-secret-for-tests"


@dataclass
class OidcServer:
    """Whoever comes is signed in as `subject`; `claims` replace those of the ID token, None leaves one out."""

    issuer: str
    subject: str = "amina-7"
    claims: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first"}))
    signs_with: ECKey | None = None
    algorithm: str = "ES256"
    lets_in: bool = True
    says_issuer: str | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def replace_key(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "second"})

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, Any]:
            return {
                "issuer": self.says_issuer or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        async def authorize(request: Request) -> RedirectResponse:
            asked = dict(request.query_params)
            self.asked.append(asked)
            if not self.lets_in:
                where = f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}"
                return RedirectResponse(where, 303)
            code = f"code-{len(self.asked)}"
            self.codes[code] = asked
            return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 303)

        @app.post("/token")
        async def token(
            request: Request,
            grant_type: Annotated[str, Form()],
            code: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
        ) -> JSONResponse:
            given = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            asked = self.codes.pop(code, {})
            challenge = (
                urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
            )
            fits = (
                given == f"{CLIENT_ID}:{CLIENT_SECRET}",
                grant_type == "authorization_code",
                asked.get("code_challenge_method") == "S256",
                asked.get("code_challenge") == challenge,
                asked.get("redirect_uri") == redirect_uri,
            )
            if not all(fits):
                return JSONResponse({"error": "invalid_grant"}, 400)
            answer = {
                "access_token": "opaque",
                "token_type": "Bearer",
                "id_token": self._token(asked["nonce"]),
            }
            return JSONResponse(answer)

        return app

    def _token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "somebody@example.org",
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        key = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": key.kid}
        return jwt.encode(header, kept, key, algorithms=[self.algorithm, "none"])


@asynccontextmanager
async def oidc_server() -> AsyncIterator[OidcServer]:
    """Serve a provider on a free port."""
    port = free_port()
    server = OidcServer(f"http://127.0.0.1:{port}")
    async with serving(server.app(), port):
        yield server
