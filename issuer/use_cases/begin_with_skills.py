"""Give a new issuer some skills to choose from, until somebody imports all of ESCO."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from issuer.domain.skill import SkillFault, SkillRow
from issuer.ports import Skills
from issuer.use_cases.import_skills import ImportSkills


@dataclass(frozen=True)
class BeginWithSkills:
    """Does nothing where there are skills."""

    skills: Skills
    import_skills: ImportSkills

    async def __call__(self, version: str, files: Mapping[str, Iterable[SkillRow | SkillFault]]) -> None:
        """`files` are by language."""
        if await self.skills.files():
            return
        for language, rows in files.items():
            await self.import_skills(language, version, rows)
