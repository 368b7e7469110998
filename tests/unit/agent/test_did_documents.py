"""What ACA-Py is told of a did:webvh, and that it looks up no DID by itself."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from acapy_agent.resolver.base import DIDMethodNotSupported, DIDNotFound, ResolverError
from acapy_agent.resolver.default.key import KeyDIDResolver
from acapy_agent.resolver.default.web import WebDIDResolver
from acapy_agent.resolver.default.webvh import WebvhDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver

from services.agent import patches
from services.agent.adapters.did_documents import WebvhDocuments
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.vc.webvh import did_to_url
from tests.support.anoncreds_world import ServedInMemory
from tests.support.dids import party

PROFILE: Any = SimpleNamespace(inject_or=lambda _: None)


def documents(web: object) -> WebvhDocuments:
    resolver = WebvhResolver(cast("GuardedClient", web))
    return WebvhDocuments(cast("Any", SimpleNamespace(resolver=resolver)))


async def test_a_verified_document_is_given() -> None:
    web, school = ServedInMemory(), party()
    web.files[did_to_url(school.did)] = school.log.jsonl.encode()

    found = await documents(web).resolve(PROFILE, school.did)

    assert found == school.history().document


async def test_what_is_not_there_or_not_to_be_relied_on_is_said_so() -> None:
    web, school = ServedInMemory(), party()
    with pytest.raises(DIDNotFound, match="is not there"):
        await documents(web).resolve(PROFILE, school.did)
    web.files[did_to_url(school.did)] = party().log.jsonl.encode()
    with pytest.raises(ResolverError, match="DID log refused"):
        await documents(web).resolve(PROFILE, school.did)


async def test_no_resolver_fetches_for_itself() -> None:
    registry = DIDResolver([WebDIDResolver(), WebvhDIDResolver(), KeyDIDResolver()])
    ours = documents(ServedInMemory())

    patches.look_up_dids_through_our_client(registry, ours)

    assert [type(one) for one in registry.resolvers] == [KeyDIDResolver, WebvhDocuments]
    with pytest.raises(DIDMethodNotSupported, match="No resolver"):
        await registry.resolve(PROFILE, "did:web:127.0.0.1%3A8080")


async def test_a_name_that_leads_into_our_own_network_is_not_followed() -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with GuardedClient({}, resolve=inside) as web:
        with pytest.raises(ResolverError):
            await documents(web).resolve(PROFILE, party().did)
