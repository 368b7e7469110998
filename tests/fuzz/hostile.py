"""What a hostile sender tries: values JSON can carry but programs seldom expect, and changed copies of genuine documents."""

import copy
import json
from typing import Any

from hypothesis import strategies as st

type Json = Any
"""Any JSON value."""


def nested(depth: int) -> Json:
    """Lists in objects in lists …"""
    value: Any = 0
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


TEXTS = st.sampled_from(
    [
        "",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\ud800",
        "\ufeff",
        "\u202e",
        "\U0010ffff",
        "٣",
        "=1+1",
        "../../etc/passwd",
        "{SCID}",
        "%00",
        "did:webvh:x",
        "NaN",
        "-0",
        "1e999",
        "0" * 400,
        "9" * 400,
        "z" * 5_000,
        "2026-02-30",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
    ]
) | st.text(st.characters(), max_size=30)
NUMBERS = (
    st.sampled_from(
        [
            *(0, -1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -0.0, 5e-324),
            *(float("nan"), float("inf"), float("-inf")),
        ]
    )
    | st.integers()
    | st.floats()
)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
) | st.integers(20, 200).map(nested)
DEEP_JSON = st.tuples(
    st.sampled_from(["[", '{"a":', '[{"a":']), st.sampled_from([50, 200, 990, 3_000, 9_000, 100_000])
).map(lambda opened: opened[0] * opened[1])


@st.composite
def changed(draw: st.DrawFn, document: Json, most: int = 3) -> Json:
    """The document with one to `most` parts replaced, dropped, doubled, renamed or added."""
    whole = {"": copy.deepcopy(document)}
    for _ in range(draw(st.integers(1, most))):
        places = list(_places(whole))
        holder, key = draw(st.sampled_from(places))
        action = draw(st.sampled_from(["replace", "drop", "copy", "rename", "add"]))
        if action == "drop" and holder is not whole:
            del holder[key]
        elif action == "copy":
            source, name = draw(st.sampled_from(places))
            if isinstance(source, list) and name >= len(source):
                continue
            holder[key] = copy.deepcopy(source[name])
        elif action == "rename" and isinstance(holder, dict) and holder is not whole:
            holder[draw(TEXTS)] = holder.pop(key)
        elif action == "add" and isinstance(holder[key], dict):
            holder[key][draw(TEXTS)] = draw(VALUES)
        elif action == "add" and isinstance(holder[key], list):
            holder[key].append(draw(VALUES))
        else:
            holder[key] = draw(VALUES)
    return whole[""]


def _places(value: Json) -> Json:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


@st.composite
def written(draw: st.DrawFn, value: Json) -> str:
    """JSON text of a value: plainly, spaced, escaped, or with a member given twice."""
    text = json.dumps(
        value, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    )
    if text.startswith("{") and len(text) > 2 and draw(st.integers(0, 4)) == 0:
        twice = draw(st.sampled_from(sorted(value)))
        text = "{" + f"{json.dumps(twice)}: {json.dumps(draw(LEAVES))}," + text[1:]
    return text


@st.composite
def damaged(draw: st.DrawFn, text: bytes) -> bytes:
    """The bytes with some cut out, put in or flipped."""
    found = bytearray(text)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(found) - 1)))
        match draw(st.integers(0, 3)):
            case 0:
                del found[at : at + draw(st.integers(1, 40))]
            case 1:
                found[at:at] = draw(st.binary(min_size=1, max_size=8))
            case 2 if found:
                found[at] ^= 1 << draw(st.integers(0, 7))
            case _:
                found[at:at] = found[at : at + draw(st.integers(1, 60))]
    return bytes(found)
