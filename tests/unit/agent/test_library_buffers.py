"""What askar and anoncreds return and are given is the same as ever, and leaves no class behind for its length."""

import ctypes
import gc
import json

from anoncreds import Schema
from anoncreds import bindings as anoncreds_bindings
from aries_askar import Store

from services.agent import patches

MANY = 300


def classes_of_arrays() -> int:
    """How many classes of arrays of bytes there are, each of one length."""
    gc.collect()
    return sum(vars(one)["_type_"] is ctypes.c_ubyte for one in ctypes.Array.__subclasses__())


async def test_values_of_many_lengths_come_from_a_store_and_leave_nothing() -> None:
    patches.keep_no_class_for_each_length()
    store = await Store.provision("sqlite://:memory:", "none")
    async with store.session() as session:
        for length in range(MANY):
            await session.insert("note", str(length), b"\0\xff" * length)
        before = classes_of_arrays()
        for length in range(MANY):
            entry = await session.fetch("note", str(length))
            view = entry.raw_value
            del entry
            assert bytes(view) == b"\0\xff" * length, "it outlives the entry"
    await store.close()
    assert classes_of_arrays() == before


def test_objects_of_many_lengths_go_to_the_library_and_back_and_leave_nothing() -> None:
    patches.keep_no_class_for_each_length()
    before = classes_of_arrays()
    for length in range(1, MANY):
        schema = Schema.create("n" * length, "1.0", "did:web:issuer.example", ["title"])
        assert schema.to_dict() == Schema.load(schema.to_json()).to_dict()
        assert json.loads(bytes(schema.to_json_buffer()))["name"] == "n" * length
    assert classes_of_arrays() == before


def test_whatever_can_be_given_is_given_whole() -> None:
    patches.keep_no_class_for_each_length()
    body = b"\0one\0two"
    for what in (body, bytearray(body), memoryview(body), memoryview(bytearray(body))):
        made = anoncreds_bindings.encode_bytes(what)
        assert ctypes.string_at(made.value, made.len) == body
    assert ctypes.string_at((made := anoncreds_bindings.encode_bytes("ñ")).value, made.len) == "ñ".encode()
    assert anoncreds_bindings.encode_bytes(None).len == 0
