"""The search that must find nothing does find what is there."""

import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.traces import forms_of, said_in, traces

NAME = "Łukasz Żółkiewski"


@pytest.mark.parametrize(
    "written",
    [
        NAME.encode(),
        json.dumps({"name": NAME}).encode(),
        b64encode(f"x{NAME}y".encode()),
        b64encode(f"xy{NAME}".encode()),
        urlsafe_b64encode(f"xyz{NAME}xy".encode()),
        NAME.encode().hex().encode(),
        quote(NAME).encode(),
        NAME.encode("utf-16-le"),
        gzip.compress(f"before {NAME} after".encode(), mtime=0),
    ],
)
def test_a_value_is_found_in_every_form(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "some.db").write_bytes(b"\x00before" + written + b"after")
    assert traces([NAME, "nothing like it"], [tmp_path]) == [f"{NAME!r} in {tmp_path / 'some.db'}"]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "some.db").write_bytes(b"\x00\x01 Lukasz \xff")
    assert traces([NAME], [tmp_path]) == []


def test_a_key_is_found_as_it_is_and_in_base64_wherever_it_begins(tmp_path: Path) -> None:
    key = bytes(range(32))
    (tmp_path / "raw").write_bytes(b"before" + key + b"after")
    (tmp_path / "coded").write_bytes(b64encode(b"x" + key + b"y"))
    found = traces([key], [tmp_path])
    assert [line.rpartition("/")[2] for line in found] == ["coded", "raw"]


@pytest.mark.parametrize("before", ["", "x", "xy"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_a_short_name_is_found_in_base64_and_by_six_characters_at_least(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "coded").write_bytes(b"----" + b64encode(f"{before}Amina{after}".encode()) + b"----")
    assert traces(["Amina"], [tmp_path]) != []
    assert min(len(form) for form in forms_of("Amina") - {b"Amina"}) == 6


def test_what_is_shorter_is_not_looked_for_and_nothing_else_to_look_for_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "some.db").write_bytes("Léa".encode())
    assert traces(["Léa", "N'Diaye"], [tmp_path]) == []
    with pytest.raises(AssertionError, match="5 bytes or more"):
        traces(["Léa"], [tmp_path])


@pytest.mark.parametrize("text", ['{"to": "Yaw"}', "given_name=Yaw", "offer_Yaw_sent", "Yaw", r"to:\nYaw,"])
def test_a_short_name_is_found_as_a_word(text: str) -> None:
    assert said_in(["Yaw", "Boateng"], text) == ["Yaw"]


def test_letters_within_an_identifier_are_no_name_unless_there_are_enough_of_them() -> None:
    assert said_in(["Yaw", "Boateng"], "did:peer:4zQmYawx9") == []
    assert said_in(["Yaw", "Boateng"], "did:peer:4zQmBoatengx9") == ["Boateng"]
