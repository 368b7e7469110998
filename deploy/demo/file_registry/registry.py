"""AnonCreds objects as files, named by their digest; a status list is replaced in place."""

# ruff: noqa: ANN401, ARG002, D102, PLR0917  (the methods are ACA-Py's, which ships no types)
import hashlib
import json
import os
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

from acapy_agent.anoncreds.base import BaseAnonCredsRegistrar, BaseAnonCredsResolver
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


class FileRegistry(BaseAnonCredsResolver, BaseAnonCredsRegistrar):  # type: ignore[misc]  # ACA-Py ships no types
    """The folder that all stock agents of a benchmark share."""

    supported_identifiers_regex = re.compile(r"^did:webvh:.+$")

    async def setup(self, context: Any) -> None:
        pass

    async def get_schema(self, profile: Any, schema_id: str) -> GetSchemaResult:
        return GetSchemaResult(
            AnonCredsSchema.deserialize(json.loads(_unchanging(schema_id))), schema_id, {}, {}
        )

    async def get_schema_info_by_id(self, profile: Any, schema_id: str) -> AnonCredsSchemaInfo:
        schema = json.loads(_unchanging(schema_id))
        return AnonCredsSchemaInfo(schema["issuerId"], schema["name"], schema["version"])

    async def get_credential_definition(
        self, profile: Any, credential_definition_id: str
    ) -> GetCredDefResult:
        found = CredDef.deserialize(json.loads(_unchanging(credential_definition_id)))
        return GetCredDefResult(credential_definition_id, found, {}, {})

    async def get_revocation_registry_definition(
        self, profile: Any, revocation_registry_id: str
    ) -> GetRevRegDefResult:
        found = RevRegDef.deserialize(json.loads(_unchanging(revocation_registry_id)))
        return GetRevRegDefResult(revocation_registry_id=revocation_registry_id, revocation_registry=found,
                                  resolution_metadata={}, revocation_registry_metadata={})  # fmt: skip

    async def get_revocation_list(
        self,
        profile: Any,
        revocation_registry_id: str,
        timestamp_from: int | None = 0,
        timestamp_to: int | None = None,
    ) -> GetRevListResult:
        return GetRevListResult(
            RevList.deserialize(json.loads(_list_of(revocation_registry_id).read_text())), {}, {}
        )

    async def register_schema(self, profile: Any, schema: Any, options: Any = None) -> SchemaResult:
        state = SchemaState(SchemaState.STATE_FINISHED, _keep(schema), schema)
        return SchemaResult(None, state, {}, {})

    async def register_credential_definition(
        self, profile: Any, schema: Any, credential_definition: Any, options: Any = None
    ) -> CredDefResult:
        state = CredDefState(CredDefState.STATE_FINISHED, _keep(credential_definition), credential_definition)
        return CredDefResult(None, state, {}, {})

    async def register_revocation_registry_definition(
        self, profile: Any, revocation_registry_definition: Any, options: Any = None
    ) -> RevRegDefResult:
        state = RevRegDefState(
            RevRegDefState.STATE_FINISHED,
            _keep(revocation_registry_definition),
            revocation_registry_definition,
        )
        return RevRegDefResult(None, state, {}, {})

    async def register_revocation_list(
        self, profile: Any, rev_reg_def: Any, rev_list: Any, options: Any = None
    ) -> RevListResult:
        rev_list.timestamp = int(time.time())
        _list_of(rev_list.rev_reg_def_id).write_text(json.dumps(rev_list.serialize()))
        return RevListResult(None, RevListState(RevListState.STATE_FINISHED, rev_list), {}, {})

    async def update_revocation_list(
        self,
        profile: Any,
        rev_reg_def: Any,
        prev_list: Any,
        curr_list: Any,
        revoked: Any,
        options: Any = None,
    ) -> RevListResult:
        return await self.register_revocation_list(profile, rev_reg_def, curr_list, options)


def _folder() -> Path:
    return Path(os.environ["FILE_REGISTRY_FOLDER"])


def _keep(found: Any) -> str:
    """Write an object and return its id."""
    text = json.dumps(found.serialize())
    name = hashlib.sha256(text.encode()).hexdigest()
    (_folder() / name).write_text(text)
    return f"{found.issuer_id}/resources/{name}"


@cache
def _unchanging(object_id: str) -> str:
    return (_folder() / object_id.rpartition("/")[2]).read_text()


def _list_of(registry_id: str) -> Path:
    return _folder() / f"{registry_id.rpartition('/')[2]}.list"
