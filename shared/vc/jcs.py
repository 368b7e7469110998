"""JSON Canonicalization Scheme (RFC 8785) and the digest that names content by it."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import base58

from shared.contracts.errors import UjuziError

_SHA2_256 = b"\x12\x20"
_SAFE_INTEGER = 2**53 - 1
_PLAIN = range(-5, 22)  # where the decimal point may stand before ECMAScript turns to exponents
_DEEPEST = 100


class NotCanonical(UjuziError):
    """A value has no canonical JSON form that every implementation agrees on."""


def canonicalize(value: object) -> bytes:
    """Return the RFC 8785 form of a JSON value. Raises NotCanonical for what I-JSON cannot carry."""
    try:
        if _is_plain(value):
            # json's own encoder says the same here, and a list of ten thousand organisations ten times sooner
            return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        return "".join(_pieces(value, 0)).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(
            "A text holds half a surrogate pair, which UTF-8 cannot carry: send well-formed Unicode."
        ) from error


def digest_multibase(value: object) -> str:
    """Return multibase base58btc of the sha2-256 multihash of the value's canonical form."""
    return "z" + digest_multihash(value)


def digest_multihash(value: object) -> str:
    """Return the same digest without the multibase letter, as did:webvh logs write it."""
    return multihash(canonicalize(value))


def multihash(data: bytes) -> str:
    """Return base58btc of the sha2-256 multihash of bytes."""
    encoded: bytes = base58.b58encode(_SHA2_256 + hashlib.sha256(data).digest())
    return encoded.decode("ascii")


def _is_plain(value: object) -> bool:
    """Whether it has only what RFC 8785 and Python write alike: no floats, no large integers, names in ASCII."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            kind = type(each)
            if kind is str or kind is bool or each is None:
                continue
            if kind is dict:
                if not _are_ascii(each):
                    return False
                inner += each.values()
            elif kind is list:
                inner += each
            elif kind is not int or abs(each) > _SAFE_INTEGER:
                return False
        if not inner:
            return True
        level = inner
    return False


def _are_ascii(names: Mapping[str, object]) -> bool:
    try:
        return "".join(names).isascii()
    except TypeError:  # one is no text
        return False


def _pieces(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise NotCanonical(f"The value is nested more than {_DEEPEST} levels deep: flatten it.")
    match value:
        case Mapping():
            yield "{"
            yield from _members(value, depth)
            yield "}"
        case list() | tuple():
            yield "["
            for index, item in enumerate(value):
                if index:
                    yield ","
                yield from _pieces(item, depth + 1)
            yield "]"
        case _:
            yield _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > _SAFE_INTEGER:
                raise NotCanonical(
                    f"Integers must lie within ±{_SAFE_INTEGER} to be the same number everywhere; "
                    "write larger ones as text."
                )
            return str(value)
        case float():
            return _number(value)
        case _:
            raise NotCanonical(f"JSON has no form for a {type(value).__name__}: convert it first.")


def _members(value: Mapping[object, object], depth: int) -> Iterator[str]:
    names = list(value)
    if not all(isinstance(name, str) for name in names):
        raise NotCanonical("Names of a JSON object must be text.")
    ordered = sorted(
        (str(name) for name in names), key=lambda name: name.encode("utf-16-be", "surrogatepass")
    )
    for index, name in enumerate(ordered):
        if index:
            yield ","
        yield json.dumps(name, ensure_ascii=False)
        yield ":"
        yield from _pieces(value[name], depth + 1)


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785 §3.2.2.3)."""
    if not math.isfinite(value):
        raise NotCanonical(f"{value} is not a JSON number.")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)  # digits before the decimal point
    if point not in _PLAIN:
        mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
        written = f"{mantissa}e{point - 1:+d}"
    elif point <= 0:
        written = f"0.{'0' * -point}{text}"
    elif point >= len(text):
        written = text + "0" * (point - len(text))
    else:
        written = f"{text[:point]}.{text[point:]}"
    return f"-{written}" if sign else written
