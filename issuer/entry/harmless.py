"""Cells of a table that no spreadsheet runs."""

from typing import Final

from issuer.domain.graduate import FORMULA_STARTS

_RUN: Final = (*FORMULA_STARTS, "\t", "\r")
"""What a spreadsheet would run, or what it takes for the beginning of it."""


def harmless(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would run; telephone numbers with a plus get one too."""
    return f"'{cell}" if cell.startswith(_RUN) else cell
