"""Reads AnonCreds objects below did:webvh. It believes what it is served: it stands for a trusting wallet.

With `FOREIGN_WALLET_STATUS_LIST=oldest` it stands for a cheating one, which never looks at a newer status list.
"""

# ruff: noqa: ANN401, ARG002, D102  (the methods are ACA-Py's, which ships no types)
import json
import os
import re
from typing import Any

import aiohttp
from acapy_agent.anoncreds.base import BaseAnonCredsResolver
from acapy_agent.anoncreds.models.credential_definition import CredDef, GetCredDefResult
from acapy_agent.anoncreds.models.revocation import GetRevListResult, GetRevRegDefResult, RevList, RevRegDef
from acapy_agent.anoncreds.models.schema import AnonCredsSchema, GetSchemaResult
from acapy_agent.anoncreds.models.schema_info import AnonCredsSchemaInfo


def address_of(url: str) -> str:
    """Replace a mapped host, e.g. https://issuer.ujuzi.test, by its address."""
    for host, address in json.loads(os.environ["FOREIGN_WALLET_HOSTS"]).items():
        url = url.replace(f"https://{host}", address)
    return url


def url_of(object_id: str) -> str:
    """Return https://HOST/a/b/resources/HASH for did:webvh:SCID:HOST:a:b/resources/HASH."""
    did, _, below = object_id.partition("/")
    host, *path = did.split(":")[3:]
    return "/".join([f"https://{host}", *path, below])


class SmallWebvhResolver(BaseAnonCredsResolver):  # type: ignore[misc]  # ACA-Py ships no types
    """ACA-Py's way to definitions and status lists."""

    supported_identifiers_regex = re.compile(r"^did:webvh:.+$")

    async def setup(self, context: Any) -> None:
        pass

    async def get_schema(self, profile: Any, schema_id: str) -> GetSchemaResult:
        return GetSchemaResult(AnonCredsSchema.deserialize(await content(schema_id)), schema_id, {}, {})

    async def get_schema_info_by_id(self, profile: Any, schema_id: str) -> AnonCredsSchemaInfo:
        schema = await content(schema_id)
        return AnonCredsSchemaInfo(schema["issuerId"], schema["name"], schema["version"])

    async def get_credential_definition(
        self, profile: Any, credential_definition_id: str
    ) -> GetCredDefResult:
        found = CredDef.deserialize(await content(credential_definition_id))
        return GetCredDefResult(credential_definition_id, found, {}, {})

    async def get_revocation_registry_definition(
        self, profile: Any, revocation_registry_id: str
    ) -> GetRevRegDefResult:
        found = await content(revocation_registry_id)
        found["value"]["tailsLocation"] = address_of(found["value"]["tailsLocation"])
        return GetRevRegDefResult(RevRegDef.deserialize(found), revocation_registry_id, {}, {})

    async def get_revocation_list(
        self,
        profile: Any,
        revocation_registry_id: str,
        timestamp_from: int | None = 0,
        timestamp_to: int | None = None,
    ) -> GetRevListResult:
        links = sorted((await resource(revocation_registry_id))["links"], key=lambda link: link["timestamp"])
        early_enough = [link for link in links if timestamp_to is None or link["timestamp"] <= timestamp_to]
        newest = (early_enough or links[:1])[-1]
        chosen = links[0] if os.environ["FOREIGN_WALLET_STATUS_LIST"] == "oldest" else newest
        return GetRevListResult(RevList.deserialize(await content(chosen["id"])), {}, {})


async def content(object_id: str) -> dict[str, Any]:
    """Return the object itself."""
    found: dict[str, Any] = (await resource(object_id))["content"]
    return found


async def resource(object_id: str) -> dict[str, Any]:
    """Return the object with what is said about it."""
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.get(address_of(url_of(object_id))) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found
