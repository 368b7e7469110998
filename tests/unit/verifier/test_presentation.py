import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.domain.presentation import encode, read
from verifier.errors import NotAPresentation

OBJECT = "did:webvh:QmIssuer:issuer.ujuzi.test:orgs:trust/resources/zQmPMFm8VtRHRhcrZ5xtp8xW9XeTZHvqCQj7EVsd4N6qMTF"
GOOD: dict[str, Any] = {
    "proof": {"proofs": [{}], "aggregated_proof": {}},
    "identifiers": [{"schema_id": OBJECT, "cred_def_id": OBJECT, "rev_reg_id": OBJECT, "timestamp": 1}],
    "requested_proof": {
        "revealed_attr_groups": {
            "need_0": {"sub_proof_index": 0, "values": {"grade_pct": {"raw": "80", "encoded": "80"}}}
        },
        "predicates": {"need_0_eqf_level": {"sub_proof_index": 0}},
        "unrevealed_attrs": {},
        "self_attested_attrs": {},
    },
}


def put(path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(GOOD)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    target: Any = changed
    for part in parents:
        target = target[part]
    target[last] = value
    return changed


def test_a_well_formed_presentation_is_read() -> None:
    found = read(GOOD)
    assert found.identifiers[0].timestamp == 1
    assert found.revealed["need_0"].values["grade_pct"].raw == "80"
    assert found.predicates == {"need_0_eqf_level": 0}


def ge_proof(value: object, kind: str = "GE") -> dict[str, Any]:
    return {"ge_proofs": [{"predicate": {"attr_name": "eqf_level", "p_type": kind, "value": value}}]}


def test_what_a_proof_proves_is_read_from_the_proof_itself() -> None:
    assert read(GOOD).bounds == {}
    assert read(put("proof/proofs/0/primary_proof", ge_proof(4))).bounds == {(0, "eqf_level"): 4}
    assert read(put("proof/proofs/0/primary_proof", ge_proof(4, "LE"))).bounds == {}


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("proof", [], "proof: expected an object"),
        ("proof/proofs", {}, "expected an array"),
        ("proof/proofs", [], "0 proofs"),
        ("proof/proofs/0", "x", "expected an object"),
        ("proof/proofs/0/primary_proof", [], "expected an object"),
        ("proof/proofs/0/primary_proof", {"ge_proofs": {"a": 1}}, "expected an array"),
        ("proof/proofs/0/primary_proof", {"ge_proofs": [{}]}, "predicate: expected an object"),
        ("proof/proofs/0/primary_proof", ge_proof("5"), "expected a name and a 32-bit integer"),
        ("proof/proofs/0/primary_proof", ge_proof(2**31), "expected a name and a 32-bit integer"),
        ("proof/aggregated_proof", None, "expected an object"),
        ("identifiers", None, "expected an array"),
        ("identifiers/0/schema_id", 5, "schema_id"),
        ("identifiers/0/schema_id", f"{OBJECT}\0", "schema_id"),
        ("identifiers/0/cred_def_id", "did:sov:abc/resources/z", "cred_def_id"),
        ("identifiers/0/rev_reg_id", {}, "rev_reg_id"),
        ("identifiers/0/timestamp", True, "seconds since 1970"),
        ("identifiers/0/timestamp", -1, "seconds since 1970"),
        ("identifiers/0/timestamp", 1.5, "seconds since 1970"),
        ("requested_proof", "x", "requested_proof"),
        ("requested_proof/predicates/need_0_eqf_level/sub_proof_index", 1, "names no credential"),
        ("requested_proof/predicates/need_0_eqf_level/sub_proof_index", True, "names no credential"),
        ("requested_proof/revealed_attr_groups/need_0/sub_proof_index", "0", "names no credential"),
        ("requested_proof/revealed_attr_groups/need_0/values", [], "expected an object"),
        ("requested_proof/revealed_attr_groups/need_0/values/grade_pct/raw", 80, "raw is not a text"),
        ("requested_proof/revealed_attr_groups/need_0/values/grade_pct/raw", "\ud800", "well-formed Unicode"),
        ("requested_proof/revealed_attr_groups/need_0/values/grade_pct/encoded", "0x50", "not an integer"),
        ("requested_proof/predicates/\ud800", {"sub_proof_index": 0}, "no printable text"),
        ("requested_proof/self_attested_attrs/\0", "x", "no printable text"),
        ("requested_proof/unrevealed_attrs/" + "x" * 201, {"sub_proof_index": 0}, "at most 200 characters"),
    ],
)
def test_a_wrong_shape_is_refused_by_the_part(path: str, value: object, reason: str) -> None:
    with pytest.raises(NotAPresentation, match=reason):
        read(put(path, value))


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(1000):
        deep = {"a": deep}
    with pytest.raises(NotAPresentation, match="levels deep"):
        read(put("proof", deep))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_anything_else_is_refused_and_never_breaks_the_reader(value: object) -> None:
    with pytest.raises(NotAPresentation):
        read(value)


def test_texts_are_encoded_as_anoncreds_signs_them() -> None:
    assert encode("80") == "80"
    assert encode("-7") == "-7"
    assert encode("2147483648") != "2147483648"
    assert encode("Data Analytics Foundations") == (
        "90167555077780939944399932407310864404452977952730450202121781212583205776275"
    )
