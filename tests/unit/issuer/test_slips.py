"""Slips are drawn in every script, eight on a sheet."""

import re
import zlib
from dataclasses import replace

from issuer.adapters.pdf_slips import print_slips
from issuer.ports import SlipText

SLIP = SlipText(
    right_to_left=False,
    name="Amina Wanjiru",
    programme="Data analytics",
    organisation="Digital Skills Trust",
    instruction="Scan this code:",
    link="https://issuer.example/claim/K7PX9M2AQ4TZ8RWD",
    until="Use it until 21 May 2027.",
    code_label="",
    code="",
    note="",
)
ARABIC = replace(SLIP, right_to_left=True, name="أمينة", programme="تحليل البيانات", code_label="رمز")


def drawn(pdf: bytes) -> bytes:
    """What the pages hold, unpacked."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"".join(zlib.decompress(part) for part in parts if part[:1] == b"x")


def test_eight_slips_fill_a_sheet_and_the_ninth_begins_another() -> None:
    assert print_slips([SLIP] * 8).count(b"/Type /Page\n") == 1
    assert print_slips([SLIP] * 9).count(b"/Type /Page\n") == 2


def test_arabic_and_ethiopic_letters_are_drawn_with_fonts_that_have_them() -> None:
    pdf = print_slips([ARABIC, replace(SLIP, name="አሚና")])
    for font in (b"NotoNaskhArabic", b"NotoSansEthiopic", b"NotoSans"):
        assert font in pdf


def test_a_slip_with_a_code_alone_has_no_picture_to_scan() -> None:
    with_link, without = (drawn(print_slips([replace(SLIP, link=link)])) for link in (SLIP.link, ""))
    assert with_link.count(b" re f\n") > 100
    assert without.count(b" re f\n") == 0


def test_nothing_to_print_is_an_empty_file_that_opens() -> None:
    assert print_slips([]).startswith(b"%PDF-")


def test_long_names_and_odd_letters_are_drawn_all_the_same() -> None:
    odd = replace(SLIP, name="x" * 500, programme="\u0000\u202e<b>😀漢字", organisation="")
    assert print_slips([odd, replace(odd, right_to_left=True)]).startswith(b"%PDF-")
