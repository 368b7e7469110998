"""What the issuers on the pinned lists published: read from each DID document's `#editions` service, every object verified.

The catalogue only makes requests precise. What it misses, a learner can still present; what it holds decides nothing.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.clock import utc_now
from shared.adapters.guarded_http import FetchFailed, GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.contracts.errors import UjuziError
from shared.ports.clock import Clock
from shared.vc.achievement import read as read_edition
from shared.vc.attested_resource import CRED_DEF, EDITION
from shared.vc.trust_decision import Snapshot
from shared.vc.webvh import DidHistory, split_resource_id
from verifier.domain.question import KnownEdition, KnownIssuer
from verifier.ports import KnowTrust

log = logging.getLogger(__name__)

SERVICE_TYPE = "UjuziEditionCatalogue"
STALE_AFTER = timedelta(seconds=10)
LOOK_SECONDS = 15.0
MAX_BYTES = 1024 * 1024
MAX_OBJECTS = 2_000
AT_ONCE = 8
OK = 200

ObjectId = Annotated[str, Field(max_length=700)]


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="ignore")

    editions: Annotated[list[ObjectId], Field(max_length=MAX_OBJECTS)] = []
    credential_definitions: Annotated[list[ObjectId], Field(max_length=MAX_OBJECTS)] = []


@dataclass(frozen=True)
class _Known:
    issuer: KnownIssuer
    looked_at: datetime


class WebvhCatalogue:
    """Implements KnowIssuers."""

    def __init__(
        self,
        resolver: WebvhResolver,
        client: GuardedClient,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._resolver = resolver
        self._client = client
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def of(self, lists: Sequence[Snapshot], *, fresh: bool = False) -> Sequence[KnownIssuer]:
        """What is known of the issuers on these lists. An issuer that cannot be reached keeps what was known of it."""
        dids = sorted(_issuing(lists))
        now = self._clock()
        stale = [
            did
            for did in dids
            if fresh or did not in self._known or now - self._known[did].looked_at > STALE_AFTER
        ]
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await asyncio.gather(*(self._look(did) for did in stale))
        except TimeoutError:
            log.warning("looking up %d issuers took longer than %.0f s", len(stale), LOOK_SECONDS)
        return [self._known[did].issuer for did in dids if did in self._known]

    def skill_name(self, skill: str, language: str) -> str | None:
        """What a listed issuer's edition calls a skill, as last looked at: in this language, else its own, else English."""
        for did in sorted(self._known):
            for known in self._known[did].issuer.editions:
                if skill in known.edition.skill_names:
                    return known.edition.skill_name(skill, language)
        return None

    async def _look(self, did: str) -> None:
        async with self._slots:
            try:
                self._known[did] = _Known(await self._issuer(did), self._clock())
            except UjuziError as error:
                log.warning("the editions of %s could not be read: %s", did, error)

    async def _issuer(self, did: str) -> KnownIssuer:
        history = await self._resolver.history(did, fresh=True)
        url = _catalogue_url(history)
        if url is None:
            return KnownIssuer(did, (), ())
        answer = await self._client.get(url, accept="application/json", max_bytes=MAX_BYTES)
        if answer.status != OK:
            raise FetchFailed(f"expected 200, found {answer.status} at {url}", answer.status)
        try:
            catalogue = _Catalogue.model_validate_json(answer.body)
        except ValidationError as error:
            raise FetchFailed(f"{url} does not serve a catalogue of editions") from error
        editions = [await self._edition(did, edition_id) for edition_id in dict.fromkeys(catalogue.editions)]
        definitions = [
            definition
            for definition in dict.fromkeys(catalogue.credential_definitions)
            if await self._verifies(did, definition)
        ]
        return KnownIssuer(did, tuple(each for each in editions if each), tuple(definitions))

    async def _edition(self, did: str, edition_id: str) -> KnownEdition | None:
        try:
            if split_resource_id(edition_id)[0] != did:
                return None
            resource = await self._resolver.resource(edition_id, EDITION)
            return KnownEdition(edition_id, read_edition(resource.content))
        except UjuziError as error:
            log.warning("the edition %s is left out: %s", edition_id, error)
            return None

    async def _verifies(self, did: str, definition_id: str) -> bool:
        try:
            if split_resource_id(definition_id)[0] != did:
                return False
            await self._resolver.resource(definition_id, CRED_DEF)
        except UjuziError as error:
            log.warning("the credential definition %s is left out: %s", definition_id, error)
            return False
        return True


class ListedIssuers:
    """The DIDs of the issuers on the pinned lists, found anew when a list changes."""

    def __init__(self, trust: KnowTrust) -> None:
        self._trust = trust
        self._by: list[str | None] = []
        self._dids: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """All of them now."""
        lists = self._trust.snapshots()
        by = [None if each.trust_list is None else each.trust_list.digest for each in lists]
        if by != self._by:
            self._by, self._dids = by, frozenset(_issuing(lists))
        return self._dids


def _issuing(lists: Sequence[Snapshot]) -> set[str]:
    return {
        did
        for snapshot in lists
        if snapshot.trust_list is not None
        for entity in snapshot.trust_list.entities
        for authorization in entity.authorizations
        if authorization.action == "issue"
        for did in authorization.dids
    }


def _catalogue_url(history: DidHistory) -> str | None:
    for service in history.document.get("service") or []:
        if isinstance(service, dict) and service.get("type") == SERVICE_TYPE:
            url = service.get("serviceEndpoint")
            return url if isinstance(url, str) else None
    return None
