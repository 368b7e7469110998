import hashlib
import json
import math

import base58
import jsoncanon
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc.jcs import NotCanonical, canonicalize, digest_multibase, digest_multihash

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "written"),
    [  # RFC 8785 §3.2.2.3 and appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (4.5, "4.5"),
        (4.0, "4"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, written: str) -> None:
    assert canonicalize(value).decode() == written


def test_members_are_sorted_by_utf16_code_units_and_texts_escaped_minimally() -> None:
    # RFC 8785 §3.2.3
    value = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": '\x0f\n"\\/'}
    names = list(json.loads(canonicalize(value)))
    assert names == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert b'"\\u000f\\n\\"\\\\/"' in canonicalize(value)


@given(VALUES)
def test_any_value_reads_back_the_same_and_agrees_with_another_implementation(value: object) -> None:
    written = canonicalize(value)
    assert json.loads(written) == value
    assert canonicalize(json.loads(written)) == written
    assert jsoncanon.canonicalize(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back_the_same(value: float) -> None:
    assert float(canonicalize(value)) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "not a JSON number"),
        (math.inf, "not a JSON number"),
        (2**53, "write larger ones as text"),
        ("\ud800", "half a surrogate"),
        ({"\udc00": 1}, "half a surrogate"),
        ({1: 2}, "must be text"),
        (b"bytes", "no form for a bytes"),
    ],
)
def test_what_json_cannot_carry_alike_everywhere_is_refused(value: object, reason: str) -> None:
    with pytest.raises(NotCanonical, match=reason):
        canonicalize(value)


def test_a_value_nested_too_deep_is_refused() -> None:
    value: object = 1
    for _ in range(200):
        value = [value]
    with pytest.raises(NotCanonical, match="nested more than 100"):
        canonicalize(value)


def test_a_digest_is_the_multihash_of_the_canonical_form() -> None:
    digest = digest_multibase({"b": 1, "a": 2})
    assert base58.b58decode(digest[1:]) == b"\x12\x20" + hashlib.sha256(b'{"a":2,"b":1}').digest()
    assert digest.startswith("zQm")


def test_a_scid_known_from_another_implementation_is_reproduced() -> None:
    draft = {
        "parameters": {"method": "did:webvh:1.0", "scid": "{SCID}"},
        "state": {"id": "did:webvh:{SCID}:example.com"},
        "versionId": "{SCID}",
        "versionTime": "2025-01-01T00:00:00Z",
    }
    assert digest_multihash(draft) == "QmSFSmtvxAXzZMWWsgdV6qyixGP4gXgqCfzMt9fEppvcZh"
