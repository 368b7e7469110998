"""Published objects through the verifying resolver; in memory only."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.errors import UjuziError
from shared.contracts.signed_request import REQUEST_JWS_TYPE
from shared.vc import achievement, jws
from shared.vc.attested_resource import EDITION
from shared.vc.webvh import KeyNotAuthorised
from wallet.domain.credential import (
    EditionFound,
    EditionMissing,
    EditionResult,
    StatusListFact,
    StatusListMissing,
)
from wallet.domain.proof_request import issuer_of


class WebvhFacts:
    """`PublicFacts` for did:webvh."""

    def __init__(self, resolver: WebvhResolver) -> None:
        """The resolver makes every check of STANDARDS §3."""
        self._resolver = resolver

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

    async def signed_request(self, signed: str) -> tuple[str, Mapping[str, JsonValue]] | str:
        """Verify a request's signature by a current assertion key of the DID its key belongs to."""
        try:
            header, _ = jws.peek(signed)
            kid = header.get("kid")
            if not isinstance(kid, str) or "#" not in kid:
                return "The signed request does not name the key it was signed with."
            did = kid.partition("#")[0]
            try:
                key = (await self._resolver.history(did)).assertion_key(kid)
            except KeyNotAuthorised:  # perhaps a key newer than the history in memory
                key = (await self._resolver.history(did, fresh=True)).assertion_key(kid)
            return did, jws.verify(signed, key, typ=REQUEST_JWS_TYPE)
        except UjuziError as error:
            return f"The signature of the request could not be relied on: {error}"
