"""Published objects through the verifying resolver; in memory only."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue, TypeAdapter, ValidationError

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import FetchFailed, GuardedClient, NotFound
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.errors import UjuziError
from shared.contracts.signed_request import REQUEST_JWS_TYPE
from shared.ports.clock import Clock
from shared.vc import achievement, jws
from shared.vc.attested_resource import EDITION, SCHEMA
from shared.vc.holders import HOLDERS, Holders, read_holders
from shared.vc.webvh import KeyNotAuthorised
from wallet.domain.credential import (
    EditionFound,
    EditionMissing,
    EditionResult,
    StatusListFact,
    StatusListMissing,
)
from wallet.domain.proof_request import issuer_of
from wallet.domain.requester import Doubt, Unproven
from wallet.errors import InvitationRefused, SenderUnreachable

log = logging.getLogger(__name__)

CATALOGUE = "UjuziEditionCatalogue"
HOLDERS_KNOWN_FOR = timedelta(minutes=1)
MOST_ISSUERS = 500
MOST_COPIES = 500
_CATALOGUE: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
SERVER_ERROR = 500
BUSY = (408, 425, 429)
RETRY_SECONDS = 60
NEW_LINK = "Ask whoever gave you the link for a new one."


class WebvhFacts:
    """`PublicFacts` for did:webvh."""

    def __init__(self, resolver: WebvhResolver, client: GuardedClient, *, clock: Clock = utc_now) -> None:
        """The resolver makes every check of STANDARDS §3; `client` fetches what only names objects."""
        self._resolver = resolver
        self._client = client
        self._clock = clock
        self._copies: dict[str, EditionFound] = {}
        self._holders: dict[str, tuple[datetime, Holders | None]] = {}

    async def edition(self, edition_id: str | None, issuer_did: str | None) -> EditionResult:
        """The edition, published by the very DID that issues the credential."""
        if edition_id is None:
            return EditionMissing(None, "the credential names no published description.")
        if issuer_of(edition_id) != issuer_did or issuer_did is None:
            return EditionMissing(edition_id, "it was published by another organisation than the issuer.")
        try:
            found = await self._resolver.resource(edition_id, EDITION)
            return EditionFound(edition_id, achievement.read(found.content), dict(found.content))
        except UjuziError as error:
            return EditionMissing(edition_id, str(error))

    def copied_edition(self, edition_id: str) -> EditionFound | None:
        """The copy, if it was not forgotten for newer ones."""
        return self._copies.get(edition_id)

    def remember_copy(self, edition: EditionFound) -> None:
        """Remember it."""
        if len(self._copies) >= MOST_COPIES:
            self._copies.clear()
        self._copies[edition.id] = edition

    async def schema(self, schema_id: str) -> tuple[str, str] | None:
        """As published, at most once for each process: it never changes."""
        try:
            content = (await self._resolver.resource(schema_id, SCHEMA)).content
        except UjuziError as error:
            log.info("schema %s cannot be had: %s", schema_id, error)
            return None
        name, version = content.get("name"), content.get("version")
        return (name, version) if isinstance(name, str) and isinstance(version, str) else None

    async def look_up_sender(self, did: str) -> None:
        """The document as its host serves it; what may be better later is told from what will not be."""
        try:
            document = (await self._resolver.history(did)).document
        except FetchFailed as error:
            if error.status is None or error.status >= SERVER_ERROR or error.status in BUSY:
                raise SenderUnreachable(
                    f"{did} could not be looked up: {error}", retry_after=RETRY_SECONDS
                ) from error
            raise InvitationRefused(
                f"The sender's site does not say who the sender is (status {error.status}). {NEW_LINK}"
            ) from error
        except NotFound as error:
            raise InvitationRefused(f"The sender this link names does not exist. {NEW_LINK}") from error
        except UjuziError as error:
            raise InvitationRefused(
                f"The sender of this link cannot be relied on: {error} {NEW_LINK}"
            ) from error
        if not any(_is_place(service) for service in document.get("service") or []):
            raise InvitationRefused(f"The sender of this link takes no messages. {NEW_LINK}")

    async def newest_status(self, rev_reg_id: str) -> StatusListFact | StatusListMissing:
        """The newest status list."""
        try:
            found = await self._resolver.newest_status_list(rev_reg_id)
        except UjuziError as error:
            return StatusListMissing(str(error))
        entries, timestamp = found.content.get("revocationList"), found.content.get("timestamp")
        if not (isinstance(entries, list) and isinstance(timestamp, int)):
            return StatusListMissing("the issuer's status list is malformed.")
        return StatusListFact(datetime.fromtimestamp(timestamp, UTC), [int(bool(entry)) for entry in entries])

    async def holders(self, issuer_did: str) -> Holders | None:
        """The figures that the catalogue of the issuer's DID names, signed by it; asked for once a minute at most."""
        now = self._clock()
        known = self._holders.get(issuer_did)
        if known is None or now - known[0] > HOLDERS_KNOWN_FOR:
            if len(self._holders) >= MOST_ISSUERS:
                self._holders.clear()
            known = now, await self._told_holders(issuer_did)
            self._holders[issuer_did] = known
        return known[1]

    async def _told_holders(self, issuer_did: str) -> Holders | None:
        try:
            document = (await self._resolver.history(issuer_did)).document
            url = next(
                str(service.get("serviceEndpoint"))
                for service in document.get("service") or []
                if isinstance(service, Mapping) and service.get("type") == CATALOGUE
            )
            named = _CATALOGUE.validate_json((await self._client.get(url)).body).get("holders")
            if not isinstance(named, str) or issuer_of(named) != issuer_did:
                return None
            return read_holders((await self._resolver.resource(named, HOLDERS)).content)
        except (UjuziError, ValidationError, StopIteration) as error:
            log.debug("how many hold the programmes of %s is not known: %s", issuer_did, type(error).__name__)
            return None

    async def signed_request(self, signed: str) -> tuple[str, Mapping[str, JsonValue]] | Unproven:
        """Verify a request's signature by a current assertion key of the DID its key belongs to."""
        try:
            header, _ = jws.peek(signed)
            kid = header.get("kid")
            if not isinstance(kid, str) or "#" not in kid:
                return Unproven(Doubt.DAMAGED, "The signed request does not name the key it was signed with.")
            did = kid.partition("#")[0]
            try:
                key = (await self._resolver.history(did)).assertion_key(kid)
            except KeyNotAuthorised:  # perhaps a key newer than the history in memory
                key = (await self._resolver.history(did, fresh=True)).assertion_key(kid)
            return did, jws.verify(signed, key, typ=REQUEST_JWS_TYPE)
        except FetchFailed as error:
            return Unproven(
                Doubt.SIGNER_NOT_REACHED, f"Who signed the request could not be looked up: {error}"
            )
        except UjuziError as error:
            return Unproven(
                Doubt.NOT_ITS_SIGNATURE, f"The signature of the request could not be relied on: {error}"
            )


def _is_place(service: object) -> bool:
    """A DIDComm v1 service: what the agent can answer to."""
    return (
        isinstance(service, Mapping)
        and service.get("type") in {"did-communication", "IndyAgent"}
        and bool(service.get("recipientKeys"))
    )
