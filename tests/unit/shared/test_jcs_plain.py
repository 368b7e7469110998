"""What json's own encoder may write of a canonical form, and what it may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vc import jcs

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(ANY)
def test_the_short_way_writes_what_the_long_way_writes(value: object) -> None:
    try:
        long_way = "".join(jcs._pieces(value, 0)).encode()
    except UnicodeEncodeError:
        with pytest.raises(jcs.NotCanonical, match="half a surrogate pair"):
            jcs.canonicalize(value)
        return
    assert jcs.canonicalize(value) == long_way


def test_what_the_long_way_refuses_the_short_way_refuses() -> None:
    nested: object = "deep"
    for _ in range(101):
        nested = [nested]
    for value, reason in (
        (nested, "nested more than 100 levels deep"),
        ([2**53], "Integers must lie within"),
        ({1: "one"}, "Names of a JSON object must be text"),
    ):
        with pytest.raises(jcs.NotCanonical, match=reason):
            jcs.canonicalize(value)
