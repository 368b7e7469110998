"""A few skills of ESCO to begin with, until somebody imports all of them.

Source: ESCO, © European Union, https://esco.ec.europa.eu; reuse is authorised provided the source is acknowledged (Commission
Decision 2011/833/EU). 40 skills, in English; each name stands by its URI in at least two independent public copies of
ESCO 1.0 and 1.1 (39 of them) or in one and in the project's example programmes (participate actively in civic life).
What could not be checked so is left out. Spelling is that of ESCO 1.1.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from issuer.domain.esco_csv import read_skills
from issuer.domain.skill import SkillFault, SkillRow

VERSION: Final = "1.1"


def starter() -> Mapping[str, Sequence[SkillRow | SkillFault]]:
    """The rows by language."""
    with Path(__file__).with_name("skills_en.csv").open(encoding="utf-8", newline="") as lines:
        return {"en": list(read_skills(lines))}
