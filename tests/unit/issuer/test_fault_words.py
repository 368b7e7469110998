"""What is wrong with a profile, a logo or own words is said in the languages of the console, whatever is put in."""

import ast
import inspect
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from pydantic import ValidationError

from issuer.adapters import pillow_logo
from issuer.adapters.pillow_logo import read_logo
from issuer.domain import profile, wording
from issuer.domain.message import Kind
from issuer.domain.profile import Profile, faults_of
from issuer.domain.wording import Wording, faults_in
from issuer.entry.fault_words import fault_said
from issuer.entry.organisation_api import ProfileJson
from issuer.errors import LogoRefused
from tests.unit.issuer.test_complaint_words import spoken


def written() -> Iterator[str]:
    """Every sentence that stands in the code as it is said."""
    for module in (profile, wording, pillow_logo):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Fault", "LogoRefused"}:
                yield from (text for each in node.args if (text := spoken(each)).endswith("."))


def provoked() -> Iterator[str]:
    """Every sentence about what somebody may write, with what she wrote in it."""
    long = Profile(names={"fr": "x" * 300}, descriptions={"ar": "a\u202eb"}, website="http://x", email="x")
    for described in (long, Profile(phone="x", colour="red"), Profile(colour="#ffcc00")):
        yield from (fault.what for fault in faults_of(described))
    for kind, worded in (
        (Kind.CLAIM_LINK, Wording(subject="{link}" + "x" * 300, text="{code} {grade} { www.evil.example")),
        (Kind.CLAIM_LINK, Wording(text="{link}\u202e")),
        (Kind.CODE, Wording(text="{link}")),
    ):
        yield from (fault.what for fault in faults_in(kind, worded))
    try:
        ProfileJson(website="x" * 3000)
    except ValidationError as error:
        yield from (each["msg"] for each in error.errors())


def picture(width: int, height: int) -> bytes:
    into = io.BytesIO()
    Image.new("1", (width, height)).save(into, "PNG")
    return into.getvalue()


def all_speak(sentence: str) -> bool:
    told = {fault_said(sentence, language) for language in ("fr", "ar")}
    return fault_said(sentence, "en") == sentence and len(told | {sentence}) == 3


@pytest.mark.parametrize("sentence", sorted({*written(), *provoked()}))
def test_each_is_said_in_every_language(sentence: str) -> None:
    assert all_speak(sentence)


@pytest.mark.parametrize(
    "sent",
    [
        b"x" * (256 * 1024 + 1),
        b"<svg",
        b"MZ",
        picture(40, 40)[:45],
        picture(8, 90),
        picture(4100, 40),
        picture(20_000, 20_000),
    ],
    ids=["heavy", "svg", "program", "damaged", "small", "wide", "bomb"],
)
async def test_so_is_what_is_wrong_with_a_picture(sent: bytes) -> None:
    with pytest.raises(LogoRefused) as refused:
        await read_logo(sent)
    assert all_speak(str(refused.value))


def test_what_was_found_stands_in_the_sentence() -> None:
    (fault,) = faults_of(Profile(colour="#ffcc00"))
    said = fault_said(fault.what, "fr")
    assert "#ffcc00" in said
    assert "1.5:1" in said
    assert said.endswith(f"la plus proche est {profile.darkened('#ffcc00')}.")


def test_a_placeholder_keeps_its_braces() -> None:
    faults = faults_in(Kind.CLAIM_LINK, Wording(subject="{link}", short="}{link}"))
    assert [fault_said(fault.what, "fr")[:40] for fault in faults] == [
        "{link} n'a pas sa place dans un objet, q",
        "Une accolade est de trop\N{NO-BREAK SPACE}: écrivez {name"[:40],
    ]
