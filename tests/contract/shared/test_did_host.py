import asyncio
import hashlib
import json
from datetime import UTC, datetime

import base58
import pytest

from shared.adapters.did_host import DidHost, DidUnknown, IssuerMismatch, PublicationRefused, SealBroken
from shared.adapters.sql import Database
from shared.adapters.sql_did_store import DidRow
from shared.vc import jws
from shared.vc.attested_resource import EDITION, LAST, REV_REG_DEF, SCHEMA, STATUS_LIST, verify
from shared.vc.webvh import DidHistory, verify_log

PATH = ("orgs", "amal")
SECRET = bytes(range(32))
HOST = "issuer.ujuzi.test"


@pytest.fixture
def host(db: Database) -> DidHost:
    return DidHost(db, SECRET, HOST)


@pytest.fixture
async def did(host: DidHost) -> str:
    return await host.ensure_did(PATH, [host.editions_service(PATH)])


async def history(host: DidHost, did: str) -> DidHistory:
    log = await host.log(PATH)
    assert log is not None
    return verify_log(did, log, max_entries=10)


def schema(did: str, name: str = "s") -> dict[str, object]:
    return {"issuerId": did, "name": name, "version": "1.0", "attrNames": ["a"]}


async def registry_and_list(host: DidHost, did: str) -> tuple[str, dict[str, object]]:
    registry = await host.publish(did, REV_REG_DEF, "r", {"issuerId": did, "tag": "0"})
    return registry["id"], {
        "issuerId": did,
        "revRegDefId": registry["id"],
        "revocationList": [0, 0],
        "timestamp": 1000,
    }


async def test_a_did_is_made_once_and_its_log_verifies(host: DidHost, did: str) -> None:
    assert await host.ensure_did(PATH) == did
    document = (await history(host, did)).document
    assert did.endswith(f":{HOST}:orgs:amal")
    assert document["service"] == [
        {
            "id": f"{did}#editions",
            "type": "UjuziEditionCatalogue",
            "serviceEndpoint": f"https://{HOST}/orgs/amal/editions",
        }
    ]


async def test_processes_that_start_together_make_one_did(db: Database) -> None:
    hosts = [DidHost(db, SECRET, HOST) for _ in range(6)]
    assert len(set(await asyncio.gather(*(host.ensure_did(PATH) for host in hosts)))) == 1


async def test_status_lists_published_at_once_are_all_linked_or_refused(host: DidHost, did: str) -> None:
    registry_id, first = await registry_and_list(host, did)
    lists = [first | {"timestamp": 1000 + number} for number in range(8)]
    outcomes = await asyncio.gather(
        *(host.publish(did, STATUS_LIST, "l", one, updates=registry_id) for one in lists),
        return_exceptions=True,
    )
    published = [outcome["id"] for outcome in outcomes if isinstance(outcome, dict)]
    served = await host.resource(PATH, registry_id.rpartition("/")[2])
    assert served is not None
    assert {link["id"] for link in served.resource["links"]} == set(published)
    assert all(isinstance(outcome, dict | PublicationRefused) for outcome in outcomes)
    assert set(await host.resource_ids(PATH, STATUS_LIST)) == set(published)


async def test_keys_are_stored_sealed(db: Database, did: str) -> None:
    async with db.reading() as session:
        row = await session.get(DidRow, "orgs/amal")
    assert row is not None
    assert row.did == did
    assert len(row.sealed_key) == 24 + 16 + 32  # nonce, tag, seed
    assert row.sealed_key != row.sealed_next_key


async def test_another_secret_key_does_not_open_the_keys(db: Database, did: str) -> None:
    with pytest.raises(SealBroken, match="expected the one it was sealed with"):
        await DidHost(db, bytes(32), HOST).publish(did, SCHEMA, "s", schema(did))


async def test_a_published_resource_passes_every_check(host: DidHost, did: str) -> None:
    resource = await host.publish(did, SCHEMA, "s", schema(did))
    verified = verify(
        resource, expected_id=resource["id"], expected_type=SCHEMA, history=await history(host, did)
    )
    assert verified.content == schema(did)
    served = await host.resource(PATH, resource["metadata"]["resourceId"])
    assert served is not None
    assert served.resource == resource
    assert not served.mutable


async def test_the_same_content_is_published_once(host: DidHost, did: str) -> None:
    first = await host.publish(did, SCHEMA, "s", schema(did))
    assert await host.publish(did, SCHEMA, "another name", schema(did)) == first
    assert await host.resource_ids(PATH, SCHEMA) == [first["id"]]


async def test_the_same_content_as_another_type_is_refused(host: DidHost, did: str) -> None:
    await host.publish(did, SCHEMA, "s", schema(did))
    with pytest.raises(PublicationRefused, match="published already as anonCredsSchema"):
        await host.publish(did, EDITION, "s", schema(did))


async def test_content_of_another_issuer_is_refused(host: DidHost, did: str) -> None:
    with pytest.raises(IssuerMismatch, match=r"expected content\.issuerId to be"):
        await host.publish(did, SCHEMA, "s", schema("did:webvh:somebody:else.example"))
    assert await host.resource_ids(PATH, SCHEMA) == []


async def test_a_did_of_somebody_else_is_refused(host: DidHost) -> None:
    with pytest.raises(DidUnknown, match="held by this service"):
        await host.publish("did:webvh:x", SCHEMA, "s", schema("did:webvh:x"))


async def test_a_status_list_extends_the_links_of_its_registry(host: DidHost, did: str) -> None:
    registry_id, first = await registry_and_list(host, did)
    one = await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    second = first | {"timestamp": 2000, "revocationList": [1, 0]}
    two = await host.publish(did, STATUS_LIST, "l", second, updates=registry_id)

    served = await host.resource(PATH, registry_id.rpartition("/")[2])
    assert served is not None
    assert served.mutable
    verified = verify(
        served.resource, expected_id=registry_id, expected_type=REV_REG_DEF, history=await history(host, did)
    )
    assert [(link["id"], link["timestamp"]) for link in verified.links] == [
        (one["id"], 1000),
        (two["id"], 2000),
    ]


async def test_a_status_list_published_twice_is_linked_once(host: DidHost, did: str) -> None:
    registry_id, first = await registry_and_list(host, did)
    await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    served = await host.resource(PATH, registry_id.rpartition("/")[2])
    assert served is not None
    assert len(served.resource["links"]) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timestamp": None}, "integer timestamp"),
        ({"timestamp": 999}, "newer than those published"),
        ({"revRegDefId": "did:x/resources/z"}, "found revRegDefId"),
    ],
)
async def test_a_status_list_that_does_not_follow_is_refused_whole(
    host: DidHost, did: str, change: dict[str, object], reason: str
) -> None:
    registry_id, first = await registry_and_list(host, did)
    await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    with pytest.raises(PublicationRefused, match=reason):
        await host.publish(
            did, STATUS_LIST, "l", first | {"revocationList": [1, 1]} | change, updates=registry_id
        )
    assert len(await host.resource_ids(PATH, STATUS_LIST)) == 1


async def test_a_status_list_without_its_registry_is_refused(host: DidHost, did: str) -> None:
    _, first = await registry_and_list(host, did)
    with pytest.raises(PublicationRefused, match="exactly when a status list"):
        await host.publish(did, STATUS_LIST, "l", first)


async def test_after_rotation_old_resources_verify_with_the_new_key(host: DidHost, did: str) -> None:
    registry_id, first = await registry_and_list(host, did)
    await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    before = await host.resource(PATH, registry_id.rpartition("/")[2])
    await host.rotate(did)
    after = await host.resource(PATH, registry_id.rpartition("/")[2])
    assert before is not None
    assert after is not None
    known = await history(host, did)
    assert len(known.versions) == 2
    assert after.resource["proof"]["verificationMethod"] != before.resource["proof"]["verificationMethod"]
    verified = verify(after.resource, expected_id=registry_id, expected_type=REV_REG_DEF, history=known)
    assert len(verified.links) == 1


async def test_a_jws_names_the_key_it_is_signed_with(host: DidHost, did: str) -> None:
    compact = await host.sign_jws(did, {"iss": did}, typ="test+jwt")
    header, _ = jws.peek(compact)
    key = (await history(host, did)).assertion_key(header["kid"])
    assert jws.verify(compact, key, typ="test+jwt") == {"iss": did}


async def test_a_tails_file_is_kept_under_its_hash(host: DidHost) -> None:
    content = b"tails" * 1000
    digest = base58.b58encode(hashlib.sha256(content).digest()).decode()
    await host.keep_tails(digest, content)
    await host.keep_tails(digest, content)
    assert await host.tails(digest) == content
    with pytest.raises(PublicationRefused, match="expected a tails file with hash"):
        await host.keep_tails(digest, b"other")


async def test_nothing_is_served_for_a_path_nobody_has(host: DidHost) -> None:
    assert await host.log(("orgs", "nobody")) is None
    assert await host.resource(("orgs", "nobody"), "z") is None
    assert await host.tails("z") is None


async def test_the_first_entry_settles_portability_and_pre_rotation(host: DidHost, did: str) -> None:
    log = await host.log(PATH)
    assert log is not None
    parameters = json.loads(log.splitlines()[0])["parameters"]
    assert parameters["portable"] is False
    assert len(parameters["nextKeyHashes"]) == 1
    assert (await history(host, did)).version_time <= datetime.now(UTC)


async def test_a_closed_did_says_which_list_is_its_last_and_publishes_none_after_it(
    host: DidHost, did: str
) -> None:
    registry_id, first = await registry_and_list(host, did)
    await host.publish(did, STATUS_LIST, "l", first, updates=registry_id)
    second = first | {"timestamp": 2000}
    await host.publish(did, STATUS_LIST, "l", second, updates=registry_id)
    unused = await host.publish(did, REV_REG_DEF, "r", {"issuerId": did, "tag": "1"})

    assert (await host.close(did), await host.close(did)) == (1, 1)

    served = await host.resource(PATH, registry_id.rsplit("/", 1)[1])
    assert served is not None
    checked = verify(
        served.resource, expected_id=registry_id, expected_type=REV_REG_DEF, history=await history(host, did)
    )
    assert [(link["timestamp"], link.get(LAST)) for link in checked.links] == [(1000, None), (2000, True)]
    with pytest.raises(PublicationRefused, match="the issuer has closed"):
        await host.publish(did, STATUS_LIST, "l", first | {"timestamp": 3000}, updates=registry_id)
    await host.publish(did, STATUS_LIST, "l", second, updates=registry_id)
    await host.rotate(did)
    rotated = await host.resource(PATH, registry_id.rsplit("/", 1)[1])
    assert rotated is not None
    assert rotated.resource["links"][1][LAST] is True
    found = await host.published(PATH)
    assert found is not None
    assert {resource["id"] for _, resource in found.resources} >= {registry_id, unused["id"]}
    assert await host.published(("orgs", "nobody")) is None
    with pytest.raises(DidUnknown):
        await host.close("did:webvh:x:y:z")
