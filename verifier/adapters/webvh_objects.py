"""Looks up what a presentation refers to over did:webvh; every object is verified before anything is read from it."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.guarded_http import FetchFailed, FetchTooLarge, NotFound
from shared.adapters.webvh_resolver import Seen, StatusListMissing, WebvhResolver, status_links
from shared.contracts.errors import UjuziError
from shared.vc.achievement import read as read_edition
from shared.vc.attested_resource import (
    CRED_DEF,
    EDITION,
    LAST,
    REV_REG_DEF,
    SCHEMA,
    STATUS_LIST,
    VerifiedResource,
)
from shared.vc.webvh import split_resource_id
from verifier.domain.facts import (
    CredentialFacts,
    Definition,
    LastSeen,
    Registry,
    Schema,
    ShownEdition,
    StatusList,
    Unknown,
    Untrue,
)
from verifier.domain.presentation import Identifier
from verifier.ports import LookedUp, PublishedObjects

NOT_NOW = (FetchTooLarge, NotFound)
"""The host's fault or the network's: nothing is known, and nothing is proven wrong."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _SchemaContent(_Wire):
    name: str
    version: str
    attributes: list[str] = Field(alias="attrNames")


class _DefinitionValue(_Wire):
    primary: dict[str, object]
    revocation: dict[str, object] | None = None


class _DefinitionContent(_Wire):
    schema_id: str = Field(alias="schemaId")
    value: _DefinitionValue


class _RegistryContent(_Wire):
    cred_def_id: str = Field(alias="credDefId")


class _StatusContent(_Wire):
    registry_id: str = Field(alias="revRegDefId")
    timestamp: int


class WebvhObjects:
    """Implements LookUpObjects."""

    def __init__(self, resolver: WebvhResolver) -> None:
        self._resolver = resolver

    async def credentials(self, identifiers: Sequence[Identifier]) -> LookedUp:
        """One after the other: what two credentials share comes from the resolver's cache the second time."""
        found = _Found()
        facts = [await self._credential(identifier, found) for identifier in identifiers]
        return LookedUp(tuple(facts), found.objects())

    async def edition(self, edition_id: str) -> ShownEdition | Untrue | Unknown:
        """One edition."""
        seen = await self._seen(edition_id, EDITION)
        if isinstance(seen, (Untrue, Unknown)):
            return seen
        try:
            return ShownEdition(_did(seen.resource), read_edition(seen.resource.content), _log_seen(seen))
        except UjuziError as error:
            return Untrue(str(error))

    async def _credential(self, identifier: Identifier, found: "_Found") -> CredentialFacts:
        definition = await self._seen(identifier.cred_def_id, CRED_DEF)
        schema = await self._seen(identifier.schema_id, SCHEMA)
        registry: Seen | Untrue | Unknown | None = None
        status: Seen | Untrue | Unknown | None = None
        if identifier.rev_reg_id is not None:
            registry = await self._seen(identifier.rev_reg_id, REV_REG_DEF, fresh=True)
            if isinstance(registry, Seen) and identifier.timestamp is not None:
                status = await self._status_list(registry, identifier.timestamp)
        facts = CredentialFacts(
            identifier=identifier,
            definition=_definition(definition),
            schema=_schema(schema),
            registry=None if registry is None else _registry(registry),
            status_list=None if status is None else _status(status),
        )
        if isinstance(facts.definition, Definition) and isinstance(definition, Seen):
            found.definitions[identifier.cred_def_id] = definition.resource.content
        if isinstance(facts.schema, Schema) and isinstance(schema, Seen):
            found.schemas[identifier.schema_id] = schema.resource.content
        if isinstance(facts.registry, Registry) and isinstance(registry, Seen):
            found.registries[registry.resource.id] = registry.resource.content
        if isinstance(facts.status_list, StatusList) and isinstance(status, Seen):
            found.status_lists[status.resource.id] = status.resource.content
        return facts

    async def _status_list(self, registry: Seen, timestamp: int) -> Seen | Untrue | Unknown:
        links = status_links(registry.resource)
        link = next((each for each in links if each["timestamp"] == timestamp), None)
        if link is not None:
            return await self._seen(str(link["id"]), STATUS_LIST)
        if registry.away and timestamp > max((int(each["timestamp"]) for each in links), default=0):
            return Unknown(f"it is newer than any that is known, and {registry.away}", passing=True)
        return Untrue("the issuer names no status list of the time the presentation names")

    async def _seen(
        self, resource_id: str, resource_type: str, *, fresh: bool = False
    ) -> Seen | Untrue | Unknown:
        try:
            seen = await self._resolver.seen(resource_id, resource_type, fresh=fresh)
            if resource_type == REV_REG_DEF:
                status_links(seen.resource)
        except FetchFailed as error:
            return Unknown(str(error), passing=error.passing)
        except (*NOT_NOW, StatusListMissing) as error:
            return Unknown(str(error))
        except UjuziError as error:
            return Untrue(str(error))
        return seen


class _Found:
    """Verified contents by id, while they are collected."""

    def __init__(self) -> None:
        self.schemas: dict[str, Mapping[str, object]] = {}
        self.definitions: dict[str, Mapping[str, object]] = {}
        self.registries: dict[str, Mapping[str, object]] = {}
        self.status_lists: dict[str, Mapping[str, object]] = {}

    def objects(self) -> PublishedObjects:
        return PublishedObjects(
            self.schemas, self.definitions, self.registries, tuple(self.status_lists.values())
        )


def _did(resource: VerifiedResource) -> str:
    return split_resource_id(resource.id)[0]


def _log_seen(seen: Seen) -> LastSeen:
    return LastSeen(seen.log_at, seen.away)


def _definition(seen: Seen | Untrue | Unknown) -> Definition | Untrue | Unknown:
    if isinstance(seen, (Untrue, Unknown)):
        return seen
    resource = seen.resource
    try:
        content = _DefinitionContent.model_validate(resource.content)
    except ValidationError:
        return Untrue("it does not have the form of a credential definition")
    return Definition(
        _did(resource),
        content.schema_id,
        content.value.revocation is not None,
        resource.did_version,
        _log_seen(seen),
    )


def _schema(seen: Seen | Untrue | Unknown) -> Schema | Untrue | Unknown:
    if isinstance(seen, (Untrue, Unknown)):
        return seen
    try:
        content = _SchemaContent.model_validate(seen.resource.content)
    except ValidationError:
        return Untrue("it does not have the form of a schema")
    return Schema(
        _did(seen.resource), content.name, content.version, frozenset(content.attributes), _log_seen(seen)
    )


def _registry(seen: Seen | Untrue | Unknown) -> Registry | Untrue | Unknown:
    if isinstance(seen, (Untrue, Unknown)):
        return seen
    try:
        content = _RegistryContent.model_validate(seen.resource.content)
    except ValidationError:
        return Untrue("it does not have the form of a registry definition")
    links = status_links(seen.resource)
    published = sorted(int(link["timestamp"]) for link in links)
    last = next((int(link["timestamp"]) for link in links if link.get(LAST) is True), None)
    last_seen = LastSeen(min(seen.at, seen.log_at), seen.away)
    return Registry(_did(seen.resource), content.cred_def_id, tuple(published), last_seen, last)


def _status(seen: Seen | Untrue | Unknown) -> StatusList | Untrue | Unknown:
    if isinstance(seen, (Untrue, Unknown)):
        return seen
    resource = seen.resource
    try:
        content = _StatusContent.model_validate(resource.content)
    except ValidationError:
        return Untrue("it does not have the form of a status list")
    return StatusList(
        _did(resource), content.registry_id, content.timestamp, split_resource_id(resource.id)[1]
    )
