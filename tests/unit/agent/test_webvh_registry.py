"""What ACA-Py is told of an object that is not what its id promises: nothing is used, and the reason is given."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from acapy_agent.anoncreds.base import AnonCredsObjectNotFound, AnonCredsResolutionError

from services.agent.adapters.webvh_registry import WebvhRegistry
from shared.adapters.guarded_http import GuardedClient
from shared.adapters.webvh_resolver import WebvhResolver
from shared.vc.attested_resource import CRED_DEF, REV_REG_DEF, SCHEMA, attest
from shared.vc.webvh import did_to_url, resource_to_url, verification_method
from tests.support.anoncreds_world import ServedInMemory
from tests.support.dids import NOW, Party, party

CONTENT = {"name": "ujuzi-micro-credential", "version": "1.0", "attrNames": ["title"]}
PROFILE: Any = None


class Site:
    """An issuer's published objects, and the registry that reads them for ACA-Py."""

    def __init__(self) -> None:
        self.web, self.school = ServedInMemory(), party()
        self.web.files[did_to_url(self.school.did)] = self.school.log.jsonl.encode()
        resolver = WebvhResolver(cast("GuardedClient", self.web))
        self.registry = WebvhRegistry(cast("Any", SimpleNamespace(resolver=resolver)))

    def serve(self, resource: Mapping[str, Any], *, under: str | None = None) -> str:
        where = under or str(resource["id"])
        self.web.files[resource_to_url(where)] = json.dumps(resource).encode()
        return where

    def signed_by(self, other: Party) -> dict[str, Any]:
        return attest(
            did=self.school.did,
            content={"issuerId": self.school.did} | CONTENT,
            resource_type=SCHEMA,
            name="test",
            key=other.key,
            verification_method=verification_method(other.did, other.key),
            created=NOW,
        )


@pytest.fixture
def site() -> Site:
    return Site()


async def refused(site: Site, wanted: str, reason: str) -> None:
    with pytest.raises(AnonCredsResolutionError, match=reason):
        await site.registry.get_schema(PROFILE, wanted)


async def test_an_object_that_passes_every_check_is_given_to_aca_py(site: Site) -> None:
    found = await site.registry.get_schema(PROFILE, site.serve(site.school.attest(CONTENT)))
    assert (found.schema.issuer_id, found.schema.attr_names) == (site.school.did, ["title"])


async def test_a_tampered_object_is_refused(site: Site) -> None:
    good = site.school.attest(CONTENT)
    await refused(
        site, site.serve(good | {"content": good["content"] | {"version": "2.0"}}), "it was changed"
    )


async def test_another_object_under_the_id_is_refused(site: Site) -> None:
    wanted = site.school.attest(CONTENT)["id"]
    await refused(site, site.serve(site.school.attest({"name": "other"}), under=wanted), "was asked for")


async def test_an_object_of_another_type_is_refused(site: Site) -> None:
    wanted = site.serve(site.school.attest(CONTENT, CRED_DEF))
    await refused(site, wanted, "expected to be of type anonCredsSchema, it says 'anonCredsCredDef'")
    with pytest.raises(AnonCredsResolutionError, match="expected to be of type anonCredsRevocRegDef"):
        await site.registry.get_revocation_registry_definition(PROFILE, wanted)


async def test_a_valid_proof_by_another_dids_key_is_refused(site: Site) -> None:
    assert (await site.registry.get_schema(PROFILE, site.serve(site.signed_by(site.school)))).schema
    fresh = Site()
    other = party(path=("orgs", "other"))
    await refused(fresh, fresh.serve(fresh.signed_by(other)), "does not speak for this DID")


async def test_a_tampered_did_log_is_refused(site: Site) -> None:
    wanted = site.serve(site.school.attest(CONTENT))
    url = did_to_url(site.school.did)
    site.web.files[url] = site.web.files[url].replace(b"authentication", b"keyAgreement")
    await refused(site, wanted, r"\(scid\)")


async def test_a_status_list_of_another_registry_is_refused(site: Site) -> None:
    other = site.serve(site.school.attest({"tag": "other"}, REV_REG_DEF, links=[]))
    listed = site.school.attest(
        {"revRegDefId": other, "timestamp": 5, "revocationList": []}, "anonCredsStatusList"
    )
    site.serve(listed)
    link = {"id": listed["id"], "type": "anonCredsStatusList", "timestamp": 5}
    registry = site.serve(site.school.attest({"tag": "r"}, REV_REG_DEF, links=[link]))
    with pytest.raises(AnonCredsResolutionError, match="revRegDefId of the status list"):
        await site.registry.get_revocation_list(PROFILE, registry)


async def test_what_is_not_there_is_told_apart_from_a_host_that_is_away(site: Site) -> None:
    wanted = site.school.attest(CONTENT)["id"]
    with pytest.raises(AnonCredsObjectNotFound, match="is not there"):
        await site.registry.get_schema(PROFILE, wanted)
    site.web.away.add("issuer.ujuzi.test")
    with pytest.raises(AnonCredsResolutionError, match="does not answer") as away:
        await site.registry.get_schema(PROFILE, wanted)
    assert not isinstance(away.value, AnonCredsObjectNotFound)


class Publishing:
    """Our own service, which has published a list of a time already."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        self.asked: list[int] = []

    async def request(self, _subject: str, body: bytes, **_: object) -> SimpleNamespace:
        time = json.loads(body)["content"]["timestamp"]
        self.asked.append(time)
        if time <= self.newest:
            answer = {"ok": False, "error": "not newer", "retry": False, "newest": self.newest}
        else:
            answer = {"ok": True, "id": "a-list", "resource": {}}
        return SimpleNamespace(data=json.dumps(answer).encode())


async def test_a_list_is_published_after_the_newest_of_another_agent_whose_clock_is_ahead() -> None:
    service = Publishing(newest=99_999_999_999)
    registry = WebvhRegistry(cast("Any", SimpleNamespace(nats=service)))
    status: Any = SimpleNamespace(rev_reg_def_id="registry", issuer_id="did:webvh:x:a.test", timestamp=0)
    status.serialize = lambda: {"timestamp": status.timestamp}
    await registry._publish_once("tag", status)
    assert service.asked[-1] == service.newest + 1
    assert status.timestamp == service.newest + 1
