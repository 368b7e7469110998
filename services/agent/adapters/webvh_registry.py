"""AnonCreds objects as did:webvh attested resources, for ACA-Py to register and resolve.

Registering: our own service signs, keeps and serves each object. Resolving: every check of
shared.adapters.webvh_resolver (log, digest, type, key of that very DID, issuer).
"""

# ruff: noqa: ARG002, PLR0917  (the signatures are ACA-Py's)
import re
import time
from collections.abc import Sequence
from typing import Any

from acapy_agent.anoncreds.base import (
    AnonCredsObjectNotFound,
    AnonCredsRegistrationError,
    AnonCredsResolutionError,
    BaseAnonCredsRegistrar,
    BaseAnonCredsResolver,
)
from acapy_agent.anoncreds.events import RevListFinishedEvent
from acapy_agent.anoncreds.models.credential_definition import (
    CredDef,
    CredDefResult,
    CredDefState,
    GetCredDefResult,
)
from acapy_agent.anoncreds.models.revocation import (
    GetRevListResult,
    GetRevRegDefResult,
    RevList,
    RevListResult,
    RevListState,
    RevRegDef,
    RevRegDefResult,
    RevRegDefState,
)
from acapy_agent.anoncreds.models.schema import AnonCredsSchema, GetSchemaResult, SchemaResult, SchemaState
from acapy_agent.anoncreds.models.schema_info import AnonCredsSchemaInfo
from acapy_agent.anoncreds.revocation.revocation import AnonCredsRevocation
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.core.profile import Profile

from services.agent.adapters.link import Link
from services.agent.adapters.service_rpc import publish_resource
from services.agent.errors import AgentError
from shared.adapters.guarded_http import NotFound
from shared.adapters.webvh_resolver import StatusListMissing
from shared.contracts.agent_rpc import PublishResource
from shared.contracts.errors import UjuziError
from shared.vc.attested_resource import CRED_DEF, REV_REG_DEF, SCHEMA, STATUS_LIST, VerifiedResource

_WEBVH = re.compile(r"^did:webvh:.+$")

type Options = dict[str, Any] | None


class WebvhRegistry(BaseAnonCredsResolver, BaseAnonCredsRegistrar):  # type: ignore[misc]  # ACA-Py ships no types
    """The one AnonCreds registry of our agents."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._last_status: dict[str, int] = {}

    @property
    def supported_identifiers_regex(self) -> re.Pattern[str]:
        """Every did:webvh and what is under it."""
        return _WEBVH

    async def setup(self, context: InjectionContext) -> None:
        """Need nothing."""

    # resolving

    async def get_schema(self, profile: Profile, schema_id: str) -> GetSchemaResult:
        """A verified schema."""
        found = await self._resolve(schema_id, SCHEMA)
        return GetSchemaResult(AnonCredsSchema.deserialize(dict(found.content)), schema_id, {}, {})

    async def get_schema_info_by_id(self, profile: Profile, schema_id: str) -> AnonCredsSchemaInfo:
        """Issuer, name and version of a verified schema."""
        content = (await self._resolve(schema_id, SCHEMA)).content
        return AnonCredsSchemaInfo(content["issuerId"], content["name"], content["version"])

    async def get_credential_definition(
        self, profile: Profile, credential_definition_id: str
    ) -> GetCredDefResult:
        """A verified credential definition."""
        found = await self._resolve(credential_definition_id, CRED_DEF)
        return GetCredDefResult(credential_definition_id, CredDef.deserialize(dict(found.content)), {}, {})

    async def get_revocation_registry_definition(
        self,
        profile: Profile,
        revocation_registry_id: str,
    ) -> GetRevRegDefResult:
        """A verified registry definition."""
        found = await self._resolve(revocation_registry_id, REV_REG_DEF)
        return GetRevRegDefResult(RevRegDef.deserialize(dict(found.content)), revocation_registry_id, {}, {})

    async def get_revocation_list(
        self,
        profile: Profile,
        revocation_registry_id: str,
        timestamp_from: int | None = 0,  # how old a list may be is the verifier's policy
        timestamp_to: int | None = None,
    ) -> GetRevListResult:
        """The newest verified status list up to a time; the newest of all if there is none so early."""
        resolver = self._link.resolver
        try:
            if timestamp_to is None:
                found = await resolver.newest_status_list(revocation_registry_id)
            else:
                try:
                    found = await resolver.status_list_at(revocation_registry_id, timestamp_to)
                except StatusListMissing:
                    found = await resolver.newest_status_list(revocation_registry_id)
        except UjuziError as error:
            raise AnonCredsResolutionError(str(error)) from error
        return GetRevListResult(RevList.deserialize(dict(found.content)), {}, {})

    async def _resolve(self, object_id: str, kind: str) -> VerifiedResource:
        try:
            return await self._link.resolver.resource(object_id, kind)
        except NotFound as error:
            raise AnonCredsObjectNotFound(f"{object_id} is not there", {}) from error
        except UjuziError as error:
            raise AnonCredsResolutionError(f"{object_id}: {error}") from error

    # registering

    async def register_schema(
        self,
        profile: Profile,
        schema: AnonCredsSchema,
        options: Options = None,
    ) -> SchemaResult:
        """Have a schema signed and served."""
        schema_id = await self._publish(schema.issuer_id, SCHEMA, schema.name, schema.serialize())
        state = SchemaState(state=SchemaState.STATE_FINISHED, schema_id=schema_id, schema=schema)
        return SchemaResult(None, state, {}, {})

    async def register_credential_definition(
        self,
        profile: Profile,
        schema: GetSchemaResult,
        credential_definition: CredDef,
        options: Options = None,
    ) -> CredDefResult:
        """Have a credential definition signed and served."""
        cred_def_id = await self._publish(
            credential_definition.issuer_id,
            CRED_DEF,
            credential_definition.tag,
            credential_definition.serialize(),
        )
        state = CredDefState(
            state=CredDefState.STATE_FINISHED,
            credential_definition_id=cred_def_id,
            credential_definition=credential_definition,
        )
        return CredDefResult(None, state, {}, {})

    async def register_revocation_registry_definition(
        self,
        profile: Profile,
        revocation_registry_definition: RevRegDef,
        options: Options = None,
    ) -> RevRegDefResult:
        """Have a registry definition signed and served, without status lists yet."""
        definition = revocation_registry_definition
        rev_reg_def_id = await self._publish(
            definition.issuer_id, REV_REG_DEF, definition.tag, definition.serialize(), links=[]
        )
        state = RevRegDefState(
            state=RevRegDefState.STATE_FINISHED,
            revocation_registry_definition_id=rev_reg_def_id,
            revocation_registry_definition=definition,
        )
        return RevRegDefResult(None, state, {}, {})

    async def register_revocation_list(
        self,
        profile: Profile,
        rev_reg_def: RevRegDef,
        rev_list: RevList,
        options: Options = None,
    ) -> RevListResult:
        """Have the first status list signed and served."""
        return await self.publish_status(profile, rev_reg_def, rev_list)

    async def update_revocation_list(
        self,
        profile: Profile,
        rev_reg_def: RevRegDef,
        prev_list: RevList,
        curr_list: RevList,
        revoked: Sequence[int],
        options: Options = None,
    ) -> RevListResult:
        """Have a newer status list signed and served; then holders are notified.

        Core emits no event for an update, so without ours nobody would be told.
        """
        result = await self.publish_status(profile, rev_reg_def, curr_list)
        await profile.notify(
            RevListFinishedEvent.event_topic,
            RevListFinishedEvent.with_payload(curr_list.rev_reg_def_id, list(revoked), options).payload,
        )
        return result

    async def publish_status(
        self, profile: Profile, rev_reg_def: RevRegDef, rev_list: RevList
    ) -> RevListResult:
        """Publish this list under a time of its own: later than any before, and now if that is later.

        Whoever changes the stored list meanwhile may publish before us, and an older list would then be the newest for
        all to see. So the stored list is read again afterwards, and published if it is another.
        """
        revocation = AnonCredsRevocation(profile)
        while True:
            await self._publish_once(rev_reg_def.tag, rev_list)
            stored = await revocation.get_created_revocation_list(rev_list.rev_reg_def_id)
            if stored is None or stored.revocation_list == rev_list.revocation_list:
                break
            rev_list = stored
        return RevListResult(None, RevListState(RevListState.STATE_FINISHED, rev_list), {}, {})

    async def _publish_once(self, tag: str, rev_list: RevList) -> None:
        """Another agent of this party, or a clock that is ahead, may have published a later time: then one after that."""
        registry_id = rev_list.rev_reg_def_id
        for last in (False, True):
            rev_list.timestamp = max(int(time.time()), self._last_status.get(registry_id, 0) + 1)
            self._last_status[registry_id] = rev_list.timestamp
            try:
                await self._publish(
                    rev_list.issuer_id, STATUS_LIST, tag, rev_list.serialize(), updates=registry_id
                )
            except AnonCredsRegistrationError as error:
                newest = getattr(error.__cause__, "newest", None)
                if last or newest is None:
                    raise
                self._last_status[registry_id] = newest
            else:
                return

    async def _publish(
        self,
        did: str,
        kind: str,
        name: str,
        content: dict[str, Any],
        *,
        links: list[dict[str, Any]] | None = None,
        updates: str | None = None,
    ) -> str:
        request = PublishResource(
            did=did, resource_type=kind, resource_name=name, content=content, links=links, updates=updates
        )
        try:
            return (await publish_resource(self._link.nats, request)).id
        except AgentError as error:
            raise AnonCredsRegistrationError(str(error)) from error
