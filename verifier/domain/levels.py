"""Comparing levels of different frameworks, by a published table only.

The one table: the Bologna cycles of the QF-EHEA and the levels of the EQF, Council Recommendation of 22 May 2017 on the
European Qualifications Framework, Annex IV. Cycle 0 is the short cycle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

QF_EHEA_AS_EQF: Mapping[int, int] = {0: 5, 1: 6, 2: 7, 3: 8}

_TABLES: Mapping[tuple[str, str], Mapping[int, int]] = {
    ("qf-ehea", "eqf"): QF_EHEA_AS_EQF,
    ("eqf", "qf-ehea"): {eqf: cycle for cycle, eqf in QF_EHEA_AS_EQF.items()},
}


@dataclass(frozen=True)
class LevelAsked:
    """At least this level of this framework."""

    framework: str
    at_least: int


def level_in(framework: str, levels: Mapping[str, int]) -> int | None:
    """A programme's level in a framework: its own statement, else by a published table; None if neither says."""
    own = levels.get(framework)
    if own is not None:
        return own
    for stated_framework, stated in levels.items():
        translated = _TABLES.get((stated_framework, framework), {}).get(stated)
        if translated is not None:
            return translated
    return None
