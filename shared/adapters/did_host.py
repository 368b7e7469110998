"""The did:webvh identities a service holds: keys, signatures, and the files it serves for them.

One signer, one store, one host: the service's agent asks for publications over NATS (`serve_rpc`), the web
app serves the result (`shared.web.did_host`). A DID's keys are sealed with the service's secret key.

DidHostError
├── DidUnknown           this service does not hold that DID
├── IssuerMismatch       the content names another issuer than the DID that is to sign it
├── PublicationRefused   what was asked makes no sense: a status list without its registry, a wrong tails hash …
└── SealBroken           a key does not open with this secret key
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import base58
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.adapters.clock import utc_now
from shared.adapters.sql import Database, insert_once
from shared.adapters.sql_did_store import (
    DidResourceRow,
    DidRow,
    add_tails,
    did_at,
    did_named,
    ids_of,
    resource_named,
    resources_of,
    tails_named,
)
from shared.contracts.agent_rpc import (
    PUBLISH_RESOURCE,
    PUBLISH_TAILS,
    TAILS_HASH_HEADER,
    PublishResource,
    ResourcePublished,
    RpcRefused,
    TailsPublished,
)
from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from shared.ports.did_hosting import ServedResource
from shared.ports.errors import Unavailable
from shared.vc import jws
from shared.vc.attested_resource import LAST, REV_REG_DEF, STATUS_LIST, attest, link_to, thinned
from shared.vc.jcs import NotCanonical, digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.webvh import DidLog, create_log, rotate, verification_method

log = logging.getLogger(__name__)

EDITIONS_SERVICE = "UjuziEditionCatalogue"
MUTABLE_TYPES = frozenset({REV_REG_DEF})
RPC_QUEUE = "did-host"

type Services = Sequence[Mapping[str, Any]]
type Links = Sequence[Mapping[str, Any]] | None


class DidHostError(UjuziError):
    """Base class of this module's errors."""


class DidUnknown(DidHostError):
    """This service does not hold that DID."""


class IssuerMismatch(DidHostError):
    """The content names another issuer than the DID that is to sign it."""


class PublicationRefused(DidHostError):
    """What was asked cannot be published."""

    newest: int | None = None
    """Of a status list that is not newer than those published: the time of the newest."""


class SealBroken(DidHostError):
    """A key does not open with this secret key."""


@dataclass(frozen=True)
class _Signer:
    """A DID's key at one moment."""

    did: str
    key: SigningKey
    now: datetime

    def sign(self, content: Mapping[str, Any], resource_type: str, name: str, links: Links) -> dict[str, Any]:
        """The content as a signed resource."""
        return attest(
            did=self.did,
            content=content,
            resource_type=resource_type,
            name=name,
            key=self.key,
            verification_method=verification_method(self.did, self.key),
            created=self.now,
            links=links,
        )

    def sign_again(self, resource: Mapping[str, Any], links: Links) -> dict[str, Any]:
        """The same resource with these links; its id stays, because it depends on the content alone."""
        metadata = resource["metadata"]
        return self.sign(resource["content"], metadata["resourceType"], metadata["resourceName"], links)


@dataclass(frozen=True)
class Published:
    """All that is served of one DID: its log, its resources with their types, oldest first, tails files by digest."""

    did: str
    log: str
    resources: Sequence[tuple[str, Mapping[str, Any]]]
    tails: Mapping[str, bytes]


class DidHost:
    """Holds DIDs under one host name; also the port HostedDids."""

    def __init__(
        self,
        db: Database,
        secret_key: bytes,
        host: str,
        *,
        clock: Clock = utc_now,
    ) -> None:
        """`secret_key` is 32 bytes (`settings.sealing_key`); `host` the name in the DIDs."""
        self._db = db
        self._box = SecretBox(secret_key)
        self.host = host
        self._clock = clock

    def editions_service(self, path: tuple[str, ...]) -> dict[str, str]:
        """The service entry by which a DID document names its catalogue of editions."""
        url = f"https://{self.host}/{'/'.join(path)}/editions"
        return {"id": "#editions", "type": EDITIONS_SERVICE, "serviceEndpoint": url}

    async def ensure_did(self, path: tuple[str, ...], services: Services = ()) -> str:
        """Return the DID at this path, e.g. ("orgs", "amal-ngo"); made, with its keys, if there is none.

        `services` count only when it is made.
        """
        where = _written(path)
        async with self._db.session() as session:
            row = await did_at(session, where)
            if row is None:
                await insert_once(session, DidRow, self._made(path, services))
                row = await did_at(session, where)
        if row is None:
            raise DidHostError(f"the DID at {where} was removed while it was made: try again")
        return row.did

    def _made(self, path: tuple[str, ...], services: Services) -> dict[str, Any]:
        """Columns of a new DID with new keys."""
        now, key, next_key = self._clock(), SigningKey.generate(), SigningKey.generate()
        made = create_log(host=self.host, path=path, key=key, now=now, services=services, next_key=next_key)
        return {
            "path": _written(path),
            "did": made.did,
            "log": made.jsonl,
            "sealed_key": self._seal(key),
            "sealed_next_key": self._seal(next_key),
            "created_at": now,
        }

    async def rotate(self, did: str) -> str:
        """Replace the DID's key with the one committed to, and sign every resource anew; return the new key's id."""
        now = self._clock()
        async with self._db.session() as session:
            row = await self._held(session, did, lock=True)
            key, next_key = self._open(row.sealed_next_key), SigningKey.generate()
            longer = rotate(_log_of(row), key, next_key, now)
            row.log, row.sealed_key, row.sealed_next_key = (
                longer.jsonl,
                self._seal(key),
                self._seal(next_key),
            )
            signer = _Signer(did, key, now)
            for stored in await resources_of(session, did):
                stored.resource = signer.sign_again(stored.resource, stored.resource.get("links"))
        log.info("the key of %s was replaced", did)
        return verification_method(did, key)

    async def publish(
        self,
        did: str,
        resource_type: str,
        name: str,
        content: Mapping[str, Any],
        *,
        links: Links = None,
        updates: str | None = None,
    ) -> dict[str, Any]:
        """Sign the content as a resource of the DID, keep it, and return it as it is served.

        The same content again returns the resource that is there. For a status list `updates` is the id of its
        registry definition, which is signed anew with `links` extended in the same transaction.
        Raises DidUnknown, IssuerMismatch, PublicationRefused.
        """
        if content.get("issuerId") != did:
            raise IssuerMismatch(
                f"expected content.issuerId to be {did}, found {str(content.get('issuerId'))[:200]!r}: "
                "a DID signs only its own objects"
            )
        if (resource_type == STATUS_LIST) != (updates is not None):
            raise PublicationRefused(
                "expected `updates` to name the registry definition exactly when a status list is published"
            )
        now = self._clock()
        async with self._db.session() as session:
            row = await self._held(session, did, lock=True)
            signer = _Signer(did, self._open(row.sealed_key), now)
            resource = await self._kept(
                session, signer, resource_type=resource_type, name=name, content=content, links=links
            )
            if updates is not None:
                await self._extend(session, signer, updates, resource)
            return resource

    async def _kept(
        self,
        session: AsyncSession,
        signer: "_Signer",
        *,
        resource_type: str,
        name: str,
        content: Mapping[str, Any],
        links: Links,
    ) -> dict[str, Any]:
        try:
            resource_id = f"{signer.did}/resources/{digest_multibase(content)}"
        except NotCanonical as error:
            raise PublicationRefused(f"the content has no canonical form: {error}") from error
        stored = await resource_named(session, resource_id)
        if stored is None:
            stored = DidResourceRow(
                id=resource_id,
                did=signer.did,
                type=resource_type,
                resource=signer.sign(content, resource_type, name, links),
                created_at=signer.now,
            )
            session.add(stored)
            await session.flush()
        elif stored.type != resource_type:
            raise PublicationRefused(
                f"the same content is published already as {stored.type}, {resource_type} was asked for"
            )
        return stored.resource

    async def _extend(
        self, session: AsyncSession, signer: "_Signer", registry_id: str, status_list: Mapping[str, Any]
    ) -> None:
        registry = await resource_named(session, registry_id, lock=True)
        if registry is None or registry.did != signer.did or registry.type != REV_REG_DEF:
            raise PublicationRefused(
                f"expected `updates` to be a registry definition of {signer.did}, found {registry_id[:300]!r}"
            )
        content = status_list["content"]
        if content.get("revRegDefId") != registry_id:
            raise PublicationRefused(
                f"expected the status list to be one of {registry_id}, "
                f"found revRegDefId {str(content.get('revRegDefId'))[:300]!r}"
            )
        timestamp = content.get("timestamp")
        if not isinstance(timestamp, int):
            raise PublicationRefused(
                f"expected the status list to have an integer timestamp, found {timestamp!r}"
            )
        links = registry.resource.get("links") or []
        if any(link["id"] == status_list["id"] for link in links):
            return
        if any(link.get(LAST) for link in links):
            raise PublicationRefused(f"the issuer has closed: {registry_id} has its last status list")
        if any(link["timestamp"] >= timestamp for link in links):
            refused = PublicationRefused(
                f"expected a status list newer than those published, found timestamp {timestamp}"
            )
            refused.newest = max(int(link["timestamp"]) for link in links)
            raise refused
        registry.resource = signer.sign_again(
            registry.resource, thinned([*links, link_to(status_list, timestamp)])
        )

    async def sign_jws(self, did: str, payload: Mapping[str, Any], *, typ: str) -> str:
        """Sign a payload with the DID's key as compact JWS; `kid` is its verification method."""
        async with self._db.reading() as session:
            row = await self._held(session, did)
        key = self._open(row.sealed_key)
        # in a thread: a payload may have megabytes
        return await asyncio.to_thread(jws.sign, payload, key=key, kid=verification_method(did, key), typ=typ)

    async def log(self, path: tuple[str, ...]) -> str | None:
        """The DID's log as JSON lines."""
        async with self._db.reading() as session:
            row = await did_at(session, _written(path))
        return None if row is None else row.log

    async def resource(self, path: tuple[str, ...], digest: str) -> ServedResource | None:
        """The resource with this digest."""
        async with self._db.reading() as session:
            row = await did_at(session, _written(path))
            found = None if row is None else await resource_named(session, f"{row.did}/resources/{digest}")
        return None if found is None else ServedResource(found.resource, mutable=found.type in MUTABLE_TYPES)

    async def resource_ids(
        self, path: tuple[str, ...], resource_type: str, *, before: datetime | None = None
    ) -> Sequence[str]:
        """Ids of the DID's resources of one type, oldest first; all, or those published before a moment."""
        async with self._db.reading() as session:
            row = await did_at(session, _written(path))
            return [] if row is None else await ids_of(session, row.did, resource_type, before=before)

    async def close(self, did: str) -> int:
        """Say under the DID's signature that each registry's newest status list is its last; returns how many there are.

        Doing it twice changes nothing. From then on no status list of the DID is published. Raises DidUnknown.
        """
        now, registries = self._clock(), 0
        async with self._db.session() as session:
            row = await self._held(session, did, lock=True)
            signer = _Signer(did, self._open(row.sealed_key), now)
            for stored in await resources_of(session, did, REV_REG_DEF):
                links = stored.resource.get("links") or []
                if not links:
                    continue
                registries += 1
                newest = max(links, key=lambda link: int(link["timestamp"]))
                if not newest.get(LAST):
                    said = [{**link, LAST: True} if link is newest else link for link in links]
                    stored.resource = signer.sign_again(stored.resource, said)
        log.info("%s is closed: %d registries have their last status list", did, registries)
        return registries

    async def published(self, path: tuple[str, ...]) -> Published | None:
        """All that anyone can fetch of the DID at this path, or None if there is none."""
        async with self._db.reading() as session:
            row = await did_at(session, _written(path))
            if row is None:
                return None
            rows = await resources_of(session, row.did)
            tails: dict[str, bytes] = {}
            for each in rows:
                digest = _tails_of(each)
                content = None if digest is None else await tails_named(session, digest)
                if digest is not None and content is not None:
                    tails[digest] = content
        return Published(row.did, row.log, [(each.type, each.resource) for each in rows], tails)

    async def keep_tails(self, digest: str, content: bytes) -> None:
        """Keep a tails file; `digest` is its base58 SHA-256. Raises PublicationRefused."""
        computed = base58.b58encode(hashlib.sha256(content).digest()).decode()
        if computed != digest:
            raise PublicationRefused(f"expected a tails file with hash {digest[:80]!r}, found {computed}")
        async with self._db.session() as session:
            await add_tails(session, digest, content, self._clock())

    async def tails(self, digest: str) -> bytes | None:
        """The tails file with this base58 SHA-256."""
        async with self._db.reading() as session:
            return await tails_named(session, digest)

    async def _held(self, session: AsyncSession, did: str, *, lock: bool = False) -> DidRow:
        row = await did_named(session, did, lock=lock)
        if row is None:
            raise DidUnknown(f"expected a DID held by this service, found {did[:200]!r}")
        return row

    def _seal(self, key: SigningKey) -> bytes:
        return bytes(self._box.encrypt(key.seed))

    def _open(self, sealed: bytes) -> SigningKey:
        try:
            return SigningKey.from_seed(self._box.decrypt(sealed))
        except CryptoError as error:
            raise SealBroken(
                "a DID key does not open with this secret_key: expected the one it was sealed with"
            ) from error


async def serve_rpc(did_host: DidHost, nc: Client) -> None:
    """Answer the agent's requests to publish resources and tails files until the connection closes."""

    async def publish_resource(message: Msg) -> BaseModel:
        asked = PublishResource.model_validate_json(message.data)
        resource = await did_host.publish(
            asked.did,
            asked.resource_type,
            asked.resource_name,
            asked.content,
            links=asked.links,
            updates=asked.updates,
        )
        return ResourcePublished(id=resource["id"], resource=resource)

    async def publish_tails(message: Msg) -> BaseModel:
        digest = (message.headers or {}).get(TAILS_HASH_HEADER, "")
        await did_host.keep_tails(digest, message.data)
        return TailsPublished()

    await nc.subscribe(PUBLISH_RESOURCE, queue=RPC_QUEUE, cb=_answering(publish_resource))
    await nc.subscribe(PUBLISH_TAILS, queue=RPC_QUEUE, cb=_answering(publish_tails))


def _tails_of(row: DidResourceRow) -> str | None:
    """The digest of the tails file that a registry definition names."""
    value = row.resource["content"].get("value")
    digest = value.get("tailsHash") if row.type == REV_REG_DEF and isinstance(value, Mapping) else None
    return digest if isinstance(digest, str) else None


def _answering(carry_out: Callable[[Msg], Awaitable[BaseModel]]) -> Callable[[Msg], Awaitable[None]]:
    async def answer(message: Msg) -> None:
        try:
            reply = await carry_out(message)
        except ValidationError as error:
            reply = RpcRefused(error=f"malformed request: {error.error_count()} errors", retry=False)
        except SealBroken as error:
            log.critical("%s", error)
            reply = RpcRefused(error=str(error), retry=True)
        except DidHostError as error:
            log.warning("publication refused: %s", error)
            reply = RpcRefused(error=str(error), retry=False, newest=getattr(error, "newest", None))
        except Unavailable as error:
            reply = RpcRefused(error=str(error), retry=True)
        except Exception:
            log.exception("publication failed")
            reply = RpcRefused(error="the service could not store the object now", retry=True)
        await message.respond(reply.model_dump_json().encode())

    return answer


def _written(path: tuple[str, ...]) -> str:
    return "/".join(path)


def _log_of(row: DidRow) -> DidLog:
    return DidLog(row.did, tuple(row.log.splitlines()))
