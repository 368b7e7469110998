import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from did_webvh.core.proof import di_jcs_verify

from shared.vc.attested_resource import (
    CRED_DEF,
    REV_REG_DEF,
    SCHEMA,
    STATUS_LIST,
    ForeignSigned,
    ProofRefused,
    ResourceInvalid,
    ResourceMalformed,
    WrongDigest,
    WrongIssuer,
    WrongType,
    attest,
    link_to,
    thinned,
    verify,
)
from shared.vc.data_integrity import add_proof
from shared.vc.jcs import digest_multibase
from shared.vc.webvh import IdentifierMalformed, rotate, verification_method
from tests.support.dids import NOW, party

SCHOOL = party()
OTHER = party(path=("orgs", "other"))
SCHEMA_CONTENT = {"name": "s", "version": "1.0", "attrNames": ["a"]}


def test_a_resource_has_the_form_other_implementations_expect() -> None:
    resource = SCHOOL.attest(SCHEMA_CONTENT, links=[])
    digest = digest_multibase({"issuerId": SCHOOL.did} | SCHEMA_CONTENT)
    assert resource["@context"] == [
        "https://identity.foundation/did-attested-resources/context/v0.1",
        "https://w3id.org/security/data-integrity/v2",
    ]
    assert resource["type"] == ["AttestedResource"]
    assert resource["id"] == f"{SCHOOL.did}/resources/{digest}"
    assert resource["metadata"] == {"resourceId": digest, "resourceType": SCHEMA, "resourceName": "test"}
    assert resource["links"] == []
    assert resource["proof"]["@context"] == resource["@context"]
    assert {name: resource["proof"][name] for name in ("type", "cryptosuite", "proofPurpose")} == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
    }


def test_the_id_that_credo_gives_a_schema_is_reproduced() -> None:
    # the schema in credo-ts packages/webvh, tests of WebVhAnonCredsRegistry
    did = "did:webvh:QmXysm9EF3kPH4fdCWf48YqCzREgiAe5nFXG3RCXaCShFX:id.test-suite.app:credo:01"
    content = {"issuerId": did, "attrNames": ["firstName"], "name": "CredoTest", "version": "1.0"}
    assert digest_multibase(content) == "zQmSmhgCkiknv5HpLWiiNjgcurgQvwhUqiu8MSGMDVJt3xK"


def test_the_checker_of_did_webvh_accepts_our_proofs() -> None:
    resource = SCHOOL.attest(SCHEMA_CONTENT, links=[])
    di_jcs_verify(resource, resource["proof"], {"publicKeyMultibase": SCHOOL.key.multikey})
    with pytest.raises(ValueError, match="Signature verification error"):
        di_jcs_verify(
            resource | {"links": [{}]}, resource["proof"], {"publicKeyMultibase": SCHOOL.key.multikey}
        )


@pytest.mark.parametrize("kind", [SCHEMA, CRED_DEF, REV_REG_DEF, STATUS_LIST])
def test_a_resource_that_passes_every_check_gives_its_content_and_links(kind: str) -> None:
    link = link_to(SCHOOL.attest({"timestamp": 7}, STATUS_LIST), 7)
    resource = json.loads(json.dumps(SCHOOL.attest(SCHEMA_CONTENT, kind, links=[link])))
    found = verify(resource, expected_id=resource["id"], expected_type=kind, history=SCHOOL.history())
    assert found.content == {"issuerId": SCHOOL.did} | SCHEMA_CONTENT
    assert found.links == (link,)
    assert found.id == resource["id"]


def test_links_can_be_extended_without_a_new_id_but_only_by_signing_anew() -> None:
    first = SCHOOL.attest({"tag": "r"}, REV_REG_DEF, links=[])
    second = SCHOOL.attest({"tag": "r"}, REV_REG_DEF, links=[{"id": "x"}])
    assert first["id"] == second["id"]
    smuggled = first | {"links": [{"id": "x"}]}
    with pytest.raises(ProofRefused, match="does not hold"):
        verify(smuggled, expected_id=first["id"], expected_type=REV_REG_DEF, history=SCHOOL.history())


def changed(*path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(resource: dict[str, Any]) -> None:
        for name in path[:-1]:
            resource = resource[name]
        resource[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (changed("type", value=["Other"]), ResourceMalformed, "type AttestedResource was expected"),
        (changed("content", value="text"), ResourceMalformed, "lacks the object 'content'"),
        (changed("metadata", value=None), ResourceMalformed, "lacks the object 'metadata'"),
        (changed("links", value={}), ResourceMalformed, "must be a list of objects"),
        (changed("content", "attrNames", value=[2**60]), ResourceMalformed, "no canonical form"),
        (changed("content", "attrNames", value=["b"]), WrongDigest, "it was changed"),
        (
            changed("metadata", "resourceId", value="zQmOther"),
            WrongDigest,
            "metadata.resourceId says 'zQmOther'",
        ),
        (changed("id", value="did:webvh:x"), WrongDigest, "was asked for"),
        (
            changed("metadata", "resourceType", value=CRED_DEF),
            WrongType,
            "expected to be of type anonCredsSchema",
        ),
        (changed("metadata", "resourceName", value="other"), ProofRefused, "does not hold"),
        (changed("@context", value=["https://evil.example"]), ProofRefused, "@context is not the one"),
        (changed("proof", value=None), ProofRefused, "Exactly one proof"),
        (changed("proof", "verificationMethod", value=7), ProofRefused, "names no verificationMethod"),
        (changed("proof", "created", value="once"), ProofRefused, "A time was expected"),
        (changed("proof", "proofValue", value="z1"), ProofRefused, "does not hold"),
    ],
)
def test_a_tampered_resource_is_refused(
    change: Callable[[dict[str, Any]], None], error: type[ResourceInvalid], reason: str
) -> None:
    resource = copy.deepcopy(SCHOOL.attest(SCHEMA_CONTENT))
    wanted = resource["id"]
    change(resource)
    with pytest.raises(error, match=reason):
        verify(resource, expected_id=wanted, expected_type=SCHEMA, history=SCHOOL.history())


def test_an_object_of_another_type_is_refused_however_well_signed() -> None:
    resource = SCHOOL.attest(SCHEMA_CONTENT, CRED_DEF)
    with pytest.raises(WrongType, match="anonCredsSchema, it says 'anonCredsCredDef'"):
        verify(resource, expected_id=resource["id"], expected_type=SCHEMA, history=SCHOOL.history())


def test_a_valid_proof_by_another_dids_key_is_refused() -> None:
    content = {"issuerId": SCHOOL.did} | SCHEMA_CONTENT
    forged = attest(
        did=SCHOOL.did,
        content=content,
        resource_type=SCHEMA,
        name="n",
        key=OTHER.key,
        verification_method=verification_method(OTHER.did, OTHER.key),
        created=NOW,
    )
    with pytest.raises(ForeignSigned, match="does not speak for this DID"):
        verify(forged, expected_id=forged["id"], expected_type=SCHEMA, history=SCHOOL.history())
    with pytest.raises(ForeignSigned, match="The history of"):
        verify(forged, expected_id=forged["id"], expected_type=SCHEMA, history=OTHER.history())


def test_a_foreign_key_under_the_dids_own_name_is_refused() -> None:
    resource = SCHOOL.attest(SCHEMA_CONTENT)
    for method, error in (
        (verification_method(SCHOOL.did, SCHOOL.key), ProofRefused),
        (verification_method(SCHOOL.did, OTHER.key), ForeignSigned),
        (f"did:key:{OTHER.key.multikey}#{OTHER.key.multikey}", ForeignSigned),
    ):
        forged = add_proof(resource, OTHER.key, method, NOW)
        with pytest.raises(error):
            verify(forged, expected_id=forged["id"], expected_type=SCHEMA, history=SCHOOL.history())


def test_a_key_that_is_not_for_assertions_is_refused() -> None:
    history = SCHOOL.history()
    document = dict(history.document) | {"assertionMethod": []}
    versions = (replace(history.versions[0], document=document),)
    resource = SCHOOL.attest(SCHEMA_CONTENT)
    with pytest.raises(ForeignSigned, match="An assertionMethod of"):
        verify(
            resource,
            expected_id=resource["id"],
            expected_type=SCHEMA,
            history=replace(history, document=document, versions=versions),
        )


@pytest.mark.parametrize("kind", [SCHEMA, CRED_DEF, REV_REG_DEF, STATUS_LIST])
def test_content_that_claims_another_issuer_is_refused(kind: str) -> None:
    for claimed in (OTHER.did, None):
        resource = SCHOOL.attest({"issuerId": claimed, "name": "s"}, kind)
        with pytest.raises(WrongIssuer, match="claims to be another issuer's"):
            verify(resource, expected_id=resource["id"], expected_type=kind, history=SCHOOL.history())


def test_a_key_rotated_out_vouches_for_nothing_whatever_date_its_proof_bears() -> None:
    rotated = replace(SCHOOL, log=rotate(SCHOOL.log, SCHOOL.next_key, OTHER.key, NOW + timedelta(hours=1)))
    history = rotated.history()
    for created in (NOW, NOW + timedelta(hours=2)):
        signed = SCHOOL.attest(SCHEMA_CONTENT, created=created)
        with pytest.raises(ForeignSigned, match="does not speak for this DID"):
            verify(signed, expected_id=signed["id"], expected_type=SCHEMA, history=history)


@pytest.mark.parametrize("wrong", [None, [], "text", 7])
def test_what_is_no_object_is_refused(wrong: object) -> None:
    resource = SCHOOL.attest(SCHEMA_CONTENT)
    with pytest.raises(ResourceMalformed, match="A JSON object was expected"):
        verify(wrong, expected_id=resource["id"], expected_type=SCHEMA, history=SCHOOL.history())


def test_an_id_that_names_no_object_is_refused() -> None:
    with pytest.raises(IdentifierMalformed, match="An object id was expected"):
        verify({}, expected_id=SCHOOL.did, expected_type=SCHEMA, history=SCHOOL.history())


def links_of(*days: datetime) -> list[dict[str, Any]]:
    return [{"id": f"{day:%m-%d %H}", "timestamp": int(day.timestamp())} for day in days]


def test_a_definition_links_each_list_of_a_month_and_the_last_one_of_each_month_before() -> None:
    began = datetime(2026, 1, 1, 6, tzinfo=UTC)
    all_days = links_of(
        *(began + timedelta(hours=12 * number) for number in range(2 * 100))
    )  # to 10 April, 18 h
    kept = [link["id"] for link in thinned(all_days)]
    assert kept[:2] == ["01-31 18", "02-28 18"]
    assert kept[2:] == [link["id"] for link in all_days if link["id"] >= "03-11 18"]


def test_lists_of_the_last_days_stay_linked_however_many_they_are() -> None:
    often = links_of(*(NOW + timedelta(minutes=number) for number in range(300)))
    assert thinned(often) == often
    assert thinned([]) == []


def test_thinning_again_changes_nothing_and_the_newest_always_stays() -> None:
    long_ago, lately = NOW - timedelta(days=900), NOW - timedelta(days=45)
    links = links_of(long_ago, lately - timedelta(hours=1), lately, NOW)
    kept = thinned(links)
    assert [link["timestamp"] for link in kept] == [int(at.timestamp()) for at in (long_ago, lately, NOW)]
    assert thinned(kept) == kept
