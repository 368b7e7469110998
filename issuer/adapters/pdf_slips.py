"""Slips on A4 sheets as PDF, eight on each, with lines to cut along. Letters are shaped and run in their own direction."""

import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from PIL import Image

from issuer.ports import SlipText

FONTS: Final = Path(__file__).with_name("fonts")
COLUMNS, ROWS = 2, 4
WIDTH, HEIGHT = 105.0, 74.25
"""Of a slip in millimetres: an eighth of A4."""
MARGIN: Final = 7.0
QR_SIZE: Final = 36.0
LOGO: Final = (28.0, 9.0)
"""Width and height it fits into."""
_QUIET_ZONE: Final = 4
_GREY, _BLACK = 120, 0
_LONGEST: Final = 70
"""Characters of a name: what is longer is cut, so that one slip does not run into the next."""


def print_slips(slips: Sequence[SlipText]) -> bytes:
    """The port PrintSlips. Fonts cover Latin, Greek, Cyrillic, Arabic and Ethiopic; other letters are drawn as boxes."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table it leaves out
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    for name in ("NotoSans", "NotoNaskhArabic", "NotoSansEthiopic"):
        pdf.add_font(name, fname=FONTS / f"{name}.ttf")
    pdf.set_fallback_fonts(["NotoNaskhArabic", "NotoSansEthiopic"], exact_match=False)
    pdf.set_text_shaping(use_shaping_engine=True)
    for place, slip in enumerate(slips):
        on_page = place % (COLUMNS * ROWS)
        if on_page == 0:
            pdf.add_page()
            _cutting_lines(pdf)
        _Slip(pdf, WIDTH * (on_page % COLUMNS), HEIGHT * (on_page // COLUMNS), slip).draw()
    return bytes(pdf.output())


def _cutting_lines(pdf: FPDF) -> None:
    pdf.set_draw_color(_GREY)
    pdf.set_dash_pattern(dash=1, gap=2)
    for column in range(1, COLUMNS):
        pdf.line(WIDTH * column, 0, WIDTH * column, HEIGHT * ROWS)
    for row in range(1, ROWS):
        pdf.line(0, HEIGHT * row, WIDTH * COLUMNS, HEIGHT * row)
    pdf.set_dash_pattern()
    pdf.set_draw_color(_BLACK)


class _Slip:
    """One slip at its place: the QR code where reading ends, words beside it, the code below."""

    def __init__(self, pdf: FPDF, left: float, top: float, slip: SlipText) -> None:
        self._pdf = pdf
        self._slip = slip
        self._left, self._top = left + MARGIN, top + MARGIN
        self._width = WIDTH - 2 * MARGIN
        self._align = Align.R if slip.right_to_left else Align.L

    def draw(self) -> None:
        slip, pdf = self._slip, self._pdf
        words = self._width - (QR_SIZE + 3 if slip.link else 0)
        left = self._left + (self._width - words if slip.right_to_left else 0)
        pdf.set_y(self._top)
        if slip.logo is not None:
            width, height = _fitting(slip.logo.content)
            side = left + words - width if slip.right_to_left else left
            pdf.image(io.BytesIO(slip.logo.content), side, self._top, width, height)
            pdf.set_y(self._top + height + 1)
        self._text(_cut(slip.organisation), 8, left, words, grey=True)
        self._text(_cut(slip.programme), 12, left, words)
        self._text(_cut(slip.name), 11, left, words, before=1)
        self._text(slip.instruction, 8, left, words, before=2)
        self._text(slip.until, 8, left, words, before=1)
        if slip.link:
            side = self._left if slip.right_to_left else self._left + self._width - QR_SIZE
            self._qr(side, self._top)
            pdf.set_y(max(pdf.get_y(), self._top + QR_SIZE) + 1)
            where, _, token = slip.link.rpartition("/")
            self._from_the_left(f"{where}/", 8)
            self._from_the_left("-".join(token[at : at + 4] for at in range(0, len(token), 4)), 11)
        if slip.code_label:
            self._code()
        self._text(slip.note, 7, self._left, self._width, before=1.5, grey=True)

    def _code(self) -> None:
        slip, pdf = self._slip, self._pdf
        self._text(slip.code_label, 8, self._left, self._width, before=1.5)
        if slip.code:
            self._from_the_left(" ".join((slip.code[:4], slip.code[4:])), 15)
            return
        size = 6.0
        y = pdf.get_y() + 0.5
        start = self._left + (self._width - 8 * size if slip.right_to_left else 0)
        for place in range(8):
            pdf.rect(start + place * size, y, size, size)
        pdf.set_y(y + size)

    def _text(
        self, text: str, size: int, left: float, width: float, *, before: float = 0, grey: bool = False
    ) -> None:
        if not text:
            return
        pdf = self._pdf
        pdf.set_font("NotoSans", size=size)
        pdf.set_text_color(_GREY if grey else _BLACK)
        pdf.set_xy(left, pdf.get_y() + before)
        pdf.multi_cell(width, size * 0.45, text, align=self._align, new_x=XPos.LEFT, new_y=YPos.NEXT)
        pdf.set_text_color(_BLACK)

    def _from_the_left(self, text: str, size: int) -> None:
        """Addresses and codes read from the left in every language."""
        pdf = self._pdf
        pdf.set_font("NotoSans", size=size)
        pdf.set_xy(self._left, pdf.get_y())
        pdf.multi_cell(self._width, size * 0.45, text, align=self._align, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _qr(self, left: float, top: float) -> None:
        """Draw runs of dark modules as rectangles: sharp at every size, and small."""
        rows = [bytes(row) for row in segno.make(self._slip.link, error="m", micro=False).matrix]
        module = QR_SIZE / (len(rows) + 2 * _QUIET_ZONE)
        for y, row in enumerate(rows):
            x = 0
            while x < len(row):
                run = next((end for end in range(x, len(row)) if not row[end]), len(row)) - x
                if run:
                    at = (left + (x + _QUIET_ZONE) * module, top + (y + _QUIET_ZONE) * module)
                    self._pdf.rect(*at, run * module, module, style="F")
                x += max(run, 1)


def _fitting(picture: bytes) -> tuple[float, float]:
    """Width and height in millimetres of a picture within LOGO."""
    with Image.open(io.BytesIO(picture)) as opened:
        scale = min(LOGO[0] / opened.width, LOGO[1] / opened.height)
        return opened.width * scale, opened.height * scale


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
