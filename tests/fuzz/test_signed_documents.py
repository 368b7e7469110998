"""DID logs, attested resources, trust lists and compact JWS: a changed copy is refused with its typed error, or means the same."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.webvh_resolver import status_links
from shared.contracts.errors import UjuziError
from shared.vc import attested_resource, jws
from shared.vc.attested_resource import REV_REG_DEF, ResourceInvalid, VerifiedResource
from shared.vc.data_integrity import add_proof
from shared.vc.jcs import NotCanonical, canonicalize, digest_multibase
from shared.vc.keys import SigningKey
from shared.vc.trust_list import TrustListRefused
from shared.vc.trust_list_form import LIST_JWS_TYPE, build_payload, open_list, sign_list
from shared.vc.webvh import (
    DidHistory,
    DidLogInvalid,
    IdentifierMalformed,
    did_to_url,
    rotate,
    split_resource_id,
    verification_method,
    verify_log,
)
from tests.fuzz.hostile import DEEP_JSON, TEXTS, VALUES, Json, changed, damaged, written
from tests.support.dids import NOW, party
from tests.unit.trust import lists

SCHOOL = party()
LOG = rotate(SCHOOL.log, SCHOOL.next_key, SigningKey.generate(), NOW + timedelta(days=1))
ENTRIES = [json.loads(line) for line in LOG.lines]
SOON = NOW + timedelta(days=2)


def history_of(log: str) -> DidHistory | None:
    try:
        return verify_log(LOG.did, log, max_entries=10, now=SOON)
    except (DidLogInvalid, IdentifierMalformed):
        return None


GENUINE = history_of(LOG.jsonl)
assert GENUINE is not None


def assert_refused_or_earlier_part(log: str) -> None:
    """A log cut off after a version is genuine, only old; everything else that changes a version is refused."""
    found = history_of(log)
    if found is not None:
        assert GENUINE is not None
        for was, now in zip(GENUINE.versions, found.versions, strict=False):
            assert (now.version_id, now.version_time) == (was.version_id, was.version_time)
            assert canonicalize(now.document) == canonicalize(was.document)
        assert len(found.versions) <= len(GENUINE.versions)


@st.composite
def _lines(draw: st.DrawFn, entries: Json) -> str:
    shown = entries if isinstance(entries, list) else [entries]
    return draw(st.sampled_from(["\n", "\r\n", "\n\n", "\u2028", " \n "])).join(
        [draw(written(entry)) for entry in shown]
    )


@given(changed(ENTRIES).flatmap(_lines))
def test_a_changed_did_log_is_refused_or_means_the_same(log: str) -> None:
    assert_refused_or_earlier_part(log)


@given(damaged(LOG.jsonl.encode()))
def test_a_damaged_did_log_is_refused_or_means_the_same(log: bytes) -> None:
    assert_refused_or_earlier_part(log.decode(errors="replace"))


@given(DEEP_JSON)
def test_a_deeply_nested_did_log_is_refused(deep: str) -> None:
    entry = json.dumps(ENTRIES[0])
    assert history_of(deep) is None
    for closed in (deep + _closing(deep), "[0]"):
        assert history_of(entry.replace('"state": {', f'"state": {{"deep": {closed},')) in (None, GENUINE)


def _closing(opening: str) -> str:
    return "".join({"[": "]", "{": "}"}[c] for c in reversed(opening) if c in "[{").replace("}", "0}", 1)


@given(changed(ENTRIES[1], most=2))
def test_a_did_log_signed_by_its_hostile_owner_is_read_or_refused(entry: Json) -> None:
    """The owner of a DID can sign whatever she likes: the reader still answers with a history or a refusal."""
    entry = entry if isinstance(entry, dict) else {"state": entry}
    body = ENTRIES[1] | entry
    try:
        named = body | {"versionId": ENTRIES[0]["versionId"]}
        named.pop("proof", None)
        named["versionId"] = "2-" + digest_multibase(named).removeprefix("z")
        signer = SCHOOL.next_key
        method = f"did:key:{signer.multikey}#{signer.multikey}"
        signed = add_proof(named, signer, method, SOON)
    except NotCanonical:
        return
    found = history_of(f"{LOG.lines[0]}\n{json.dumps(signed | {'proof': [signed['proof']]})}")
    if found is not None:
        for method_id in ("#x", verification_method(LOG.did, signer), f"{LOG.did}#\0"):
            try:
                found.assertion_key(method_id)
            except UjuziError:
                continue


@given(TEXTS | st.text(st.characters(), max_size=60).map(lambda text: f"did:webvh:{'Q' * 46}:{text}"))
def test_an_identifier_becomes_an_https_address_or_is_refused(text: str) -> None:
    for read in (did_to_url, split_resource_id):
        try:
            found = read(text)
        except IdentifierMalformed:
            continue
        assert read is not did_to_url or str(found).startswith("https://")


RESOURCE = SCHOOL.attest(
    {"credDefId": "x", "value": {"maxCredNum": 100}},
    REV_REG_DEF,
    links=[
        {
            "id": f"{SCHOOL.did}/resources/{digest_multibase({})}",
            "type": attested_resource.STATUS_LIST,
            "timestamp": 1,
            "digestMultibase": digest_multibase({}),
        }
    ],
)
HISTORY = SCHOOL.history()


def verified(resource: object, expected_id: str = RESOURCE["id"]) -> VerifiedResource | None:
    try:
        return attested_resource.verify(
            resource, expected_id=expected_id, expected_type=REV_REG_DEF, history=HISTORY
        )
    except (ResourceInvalid, IdentifierMalformed):
        return None


@given(changed(RESOURCE))
def test_a_changed_resource_is_refused_or_means_the_same(resource: Json) -> None:
    found = verified(resource)
    if found is not None:
        assert canonicalize(found.content) == canonicalize(RESOURCE["content"])
        assert canonicalize(list(found.links)) == canonicalize(RESOURCE["links"])


@given(
    changed(RESOURCE, most=2), st.sampled_from(["content", "links", "metadata", "type", "@context", "proof"])
)
def test_a_resource_signed_by_its_hostile_issuer_is_read_or_refused(resource: Json, part: str) -> None:
    given_part = resource.get(part) if isinstance(resource, dict) else resource
    document = RESOURCE | {part: given_part}
    try:
        digest = digest_multibase(document["content"])
        if isinstance(document["metadata"], dict):
            document["metadata"] = document["metadata"] | {"resourceId": digest}
        document["id"] = f"{SCHOOL.did}/resources/{digest}"
        if part != "proof":
            document = add_proof(document, SCHOOL.key, verification_method(SCHOOL.did, SCHOOL.key), NOW)
    except NotCanonical:
        return
    found = verified(document, document["id"])
    if found is not None:
        try:
            status_links(found)
        except (ResourceInvalid, IdentifierMalformed):
            return


@pytest.mark.parametrize("size", [1_000, 4_000_000])
def test_an_endless_signature_or_key_is_refused_without_being_worked_out(size: int) -> None:
    endless = "z" + "2" * size
    for name in ("proofValue", "verificationMethod"):
        assert verified(RESOURCE | {"proof": RESOURCE["proof"] | {name: endless}}) is None
    assert history_of(LOG.jsonl.replace(ENTRIES[0]["proof"][0]["proofValue"], endless)) is None


OPERATOR = SigningKey.generate()
LIST = lists.trust_list(
    lists.authorization(lists.period("withdrawn", lists.at(2026, 2, 1), stand=True, reason="because")),
    previous="zBefore",
)
SIGNED_LIST = sign_list(LIST, key=OPERATOR, kid="did:webvh:x#key")
OPENED = open_list(SIGNED_LIST, operator_key=OPERATOR.multikey, now=lists.NOW)


def part(value: bytes | str) -> str:
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def opened(compact: str) -> object:
    try:
        return open_list(compact, operator_key=OPERATOR.multikey, now=lists.NOW)
    except TrustListRefused:
        return None


@given(damaged(SIGNED_LIST.encode()))
def test_a_damaged_trust_list_is_refused(compact: bytes) -> None:
    text = compact.decode("utf-8", "surrogateescape")
    assert opened(text) == (OPENED if text == SIGNED_LIST else None)


@given(changed(build_payload(LIST)).flatmap(written), st.sampled_from(["whole", "payload"]))
@example("[" * 100_000, "payload")
def test_a_trust_list_not_signed_by_its_operator_is_refused(payload: str, kept: str) -> None:
    header, genuine, signature = SIGNED_LIST.split(".")
    forged = part(payload)
    assert opened(f"{header}.{forged}.{signature}") == (OPENED if forged == genuine else None)
    stranger = jws.sign({"payload": kept}, key=SigningKey.generate(), kid="x", typ=LIST_JWS_TYPE)
    assert opened(stranger) is None


@given(changed(build_payload(LIST)).flatmap(written))
@example('{"LoTE":' + "[" * 5_000 + "]" * 5_000 + "}")
@example('{"LoTE":NaN}')
@example('{"LoTE":' + "1" * 5_000 + "}")
def test_a_trust_list_of_a_hostile_operator_is_opened_or_refused(payload: str) -> None:
    signed = f"{part(json.dumps({'alg': 'EdDSA', 'kid': 'x', 'typ': LIST_JWS_TYPE}))}.{part(payload)}"
    opened(f"{signed}.{part(OPERATOR.sign(signed.encode()))}")


@given(
    st.lists(
        st.binary(max_size=40).map(part) | VALUES.flatmap(written).map(part) | DEEP_JSON.map(part) | TEXTS,
        max_size=4,
    ).map(".".join)
)
def test_any_text_is_peeked_into_or_refused(text: str) -> None:
    for read in (jws.peek, lambda found: jws.verify(found, OPERATOR.public, typ=LIST_JWS_TYPE)):
        try:
            read(text)
        except jws.JwsInvalid:
            continue


@given(VALUES)
def test_any_value_has_one_canonical_form_or_none(value: Json) -> None:
    try:
        canonical = canonicalize(value)
        again = canonicalize(json.loads(canonical))
    except NotCanonical:  # again: a whole float beyond 2**53 is written as an integer that is refused
        return
    assert again == canonical
