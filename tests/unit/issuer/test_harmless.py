"""No cell of a table begins with what a spreadsheet would run."""

import pytest

from issuer.entry.harmless import harmless


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_would_be_run_stands_behind_an_apostrophe(begins: str) -> None:
    assert harmless(f"{begins}1+1") == f"'{begins}1+1"


@pytest.mark.parametrize("cell", ["", "Amina", "1+1", " =1", "'=1"])
def test_anything_else_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell
