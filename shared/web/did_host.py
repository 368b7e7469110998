"""Serves the public files of the DIDs a service holds; other parties check every signature themselves."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.ports.api_keys import ADMIN, Caller
from shared.ports.clock import Clock
from shared.ports.did_hosting import HostedDids, SignWithDid
from shared.vc import jws
from shared.vc.attested_resource import CRED_DEF
from shared.vc.did_control import CONTROL_JWS_TYPE, Challenge, control_claims
from shared.web.auth import require_scope
from shared.web.problems import ProblemError
from shared.web.public_files import public_file

A_YEAR = "public, max-age=31536000, immutable"
SHORT = "public, max-age=15"
SAFE = r"^[A-Za-z0-9._-]{1,100}$"
LONGEST_CHALLENGE = timedelta(days=31)

Admin = Annotated[Caller, Depends(require_scope(ADMIN))]
Segment = Annotated[str, Path(pattern=SAFE)]


class SigningKeyShape(BaseModel):
    """The key that signs from now on, by its id in the DID document."""

    did: str
    key: str


class ChallengeBody(BaseModel):
    """What somebody wants this service's DID proven with: the DID he takes for its own, his own, and what he drew."""

    model_config = ConfigDict(extra="forbid")

    did: str = Field(max_length=1000)
    audience: str = Field(pattern=r"^did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,1000}$")
    nonce: str = Field(pattern=r"^[A-Za-z0-9_-]{43,100}$")
    expires: AwareDatetime


class ProofShape(BaseModel):
    """A compact JWS that proves who holds the DID's key, to the one who drew the challenge and to nobody else."""

    did: str
    key: str
    proof: str


@dataclass(frozen=True)
class OwnKey:
    """The DID, by its path, whose key an administrator looks after; `rotate` returns the new key's id."""

    path: tuple[str, ...]
    rotate: Callable[[], Awaitable[str]]


def keys_router(
    rotate: Callable[[], Awaitable[str]], signer: SignWithDid, path: tuple[str, ...], *, clock: Clock
) -> APIRouter:
    """What an administrator does with the signing key of this service's one DID, at `path`."""
    return organisations_keys_router(lambda _: OwnKey(path, rotate), signer, clock=clock)


def organisations_keys_router(
    own: Callable[[Caller], OwnKey], signer: SignWithDid, *, clock: Clock
) -> APIRouter:
    """What an administrator does with a signing key where there are several DIDs: `own` is the caller's."""
    router = APIRouter(prefix="/v1/keys", tags=["keys"])

    @router.post("/rotate")
    async def rotate_key(caller: Admin) -> SigningKeyShape:
        """Replace the signing key by the one committed to, and sign everything published anew."""
        key = await own(caller).rotate()
        return SigningKeyShape(did=key.partition("#")[0], key=key)

    @router.post("/prove")
    async def prove(body: ChallengeBody, caller: Admin) -> ProofShape:
        """Prove to whoever drew this challenge, such as a trust registry, that this service holds its DID's key."""
        did, now = await signer.ensure_did(own(caller).path), clock()
        if body.did != did:
            raise ProblemError(
                422, f"Expected a challenge for this service's own DID {did}, found one for {body.did[:200]}."
            )
        if not now < body.expires <= now + LONGEST_CHALLENGE:
            raise ProblemError(
                422,
                f"Expected a challenge that expires within {LONGEST_CHALLENGE.days} days, "
                f"found one that expires {body.expires.isoformat()}: ask for a new one.",
            )
        challenge = Challenge(did=did, audience=body.audience, nonce=body.nonce, expires=body.expires)
        proof = await signer.sign_jws(did, control_claims(challenge, now=now), typ=CONTROL_JWS_TYPE)
        return ProofShape(did=did, key=str(jws.header(proof)["kid"]), proof=proof)

    return router


def did_host_router(
    dids: HostedDids, *, area: str = "orgs", editions: str | None = None, holders: str | None = None
) -> APIRouter:
    """Routes for DIDs at `/{area}/{slug}`; `editions` is the resource type listed in their catalogue, of `holders` the newest."""
    router = APIRouter(tags=["public files"])

    @router.get(f"/{area}/{{slug}}/did.jsonl", response_class=Response)
    async def did_log(request: Request, slug: Segment) -> Response:
        """The DID's log."""
        log = _there(await dids.log((area, slug)), "DID")
        return _public(request, log.encode(), "text/jsonl", SHORT)

    @router.get(f"/{area}/{{slug}}/resources/{{digest}}", response_class=Response)
    async def resource(request: Request, slug: Segment, digest: Segment) -> Response:
        """A signed, content-addressed object."""
        found = _there(await dids.resource((area, slug), digest), "resource")
        return _public(request, _json(found.resource), "application/json", SHORT if found.mutable else A_YEAR)

    @router.get("/tails/hash/{digest}", response_class=Response)
    async def tails(request: Request, digest: Segment) -> Response:
        """A tails file."""
        content = _there(await dids.tails(digest), "tails file")
        return _public(request, content, "application/octet-stream", A_YEAR)

    if editions is not None:

        @router.get(f"/{area}/{{slug}}/editions", response_class=Response)
        async def catalogue(request: Request, slug: Segment) -> Response:
            """Ids of the editions and credential definitions this organisation has published, oldest first, and of its figures."""
            _there(await dids.log((area, slug)), "DID")
            told = [] if holders is None else await dids.resource_ids((area, slug), holders)
            listed = {
                "editions": list(await dids.resource_ids((area, slug), editions)),
                "credential_definitions": list(await dids.resource_ids((area, slug), CRED_DEF)),
                "holders": told[-1] if told else None,
            }
            return _public(request, _json(listed), "application/json", SHORT)

    return router


def _there[T](found: T | None, what: str) -> T:
    if found is None:
        raise ProblemError(404, f"There is no such {what} here.")
    return found


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _public(request: Request, body: bytes, media_type: str, caching: str) -> Response:
    digest = hashlib.sha256(body).hexdigest()[:32]
    return public_file(request, body, media_type=media_type, caching=caching, etag=digest)
