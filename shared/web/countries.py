"""The countries of ISO 3166-1 by their names in the languages people are shown (names from Unicode CLDR, Unicode-3.0 licence)."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from shared.web.languages import ENGLISH

_FILE: Final = Path(__file__).with_name("countries.json")


@cache
def countries(language: str) -> Mapping[str, str]:
    """Alpha-2 code → name, in the names' order."""
    names: Mapping[str, Mapping[str, str]] = json.loads(_FILE.read_text("utf-8"))
    chosen = names.get(language, names[ENGLISH])
    return dict(sorted(chosen.items(), key=lambda each: each[1].casefold()))


def country_name(code: str, language: str) -> str:
    """The country's name, or the code itself where ISO 3166-1 has none."""
    return countries(language).get(code, code)
