"""Looks for known values in files, in every form in which a program may have written them."""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

SHORTEST = 5
"""Bytes. Shorter values stand in any large file by chance, in one form or another."""


def forms_of(value: str | bytes) -> set[bytes]:
    """The value as text, escaped, in hexadecimal, and in base64 wherever it may begin in what was encoded."""
    raw = value.encode() if isinstance(value, str) else value
    forms = {raw, raw.hex().encode()}
    if isinstance(value, str):
        forms |= {value.encode("utf-16-le"), json.dumps(value)[1:-1].encode(), quote(value).encode()}
    for shift in range(3):
        encoded = b64encode(b"\0" * shift + raw)
        # Characters that also depend on what stands before and after are left off.
        open_end = {0: 0, 1: 2, 2: 3}[encoded.count(b"=")]
        inner = encoded[(0, 2, 3)[shift] : len(encoded) - open_end]
        forms |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def traces(values: Iterable[str | bytes], places: Iterable[Path]) -> list[str]:
    """One line for each value found in each file below `places`; those shorter than SHORTEST are not looked for."""
    telling = [
        value for value in values if len(value if isinstance(value, bytes) else value.encode()) >= SHORTEST
    ]
    assert telling, f"expected a value of {SHORTEST} bytes or more to look for"
    wanted = [(value, form) for value in telling for form in forms_of(value)]
    found = set()
    for file in files_below(places):
        content = file.read_bytes()
        texts = [content, *inflated(content)]
        found |= {f"{value!r} in {file}" for value, form in wanted if any(form in text for text in texts)}
    return sorted(found)


def said_in(values: Iterable[str], text: str) -> list[str]:
    """Those that stand in text that programs wrote; ones shorter than SHORTEST only as words of their own.

    Three letters in a row stand in some identifier by chance.
    """

    def stands(value: str) -> bool:
        if len(value.encode()) >= SHORTEST:
            return value in text
        return re.search(rf"(?:(?<![^\W_])|(?<=\\[nrt])){re.escape(value)}(?![^\W_])", text) is not None

    return sorted(value for value in values if stands(value))


def files_below(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_file():
            yield place
        else:
            yield from (file for file in place.rglob("*") if file.is_file())


def inflated(content: bytes) -> Iterator[bytes]:
    """What is inside gzip and zlib streams."""
    for mark, bits in ((b"\x1f\x8b\x08", 31), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        start = content.find(mark)
        while start >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(bits).decompress(content[start:], 10_000_000)
            start = content.find(mark, start + 1)
