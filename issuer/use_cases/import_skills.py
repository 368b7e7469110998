"""Take over ESCO's file of skills in one language, again whenever a new version appears."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched
from typing import Final

from issuer.domain.skill import SkillFault, SkillFile, SkillRow, version_key
from issuer.errors import SkillsFileRefused
from issuer.ports import Skills
from shared.ports.clock import Clock

ROWS_AT_ONCE: Final = 500
FAULTS_SHOWN: Final = 50


@dataclass(frozen=True)
class ImportedSkills:
    """What became of a file. `faults` are the first of `faulty` rows; `withdrawn` is None where nothing could be said."""

    language: str
    version: str
    skills: int
    faulty: int
    faults: tuple[SkillFault, ...]
    withdrawn: int | None


@dataclass(frozen=True)
class ImportSkills:
    """Repeating it changes nothing. What a complete newer file lacks is withdrawn: kept for old editions, found no more."""

    skills: Skills
    clock: Clock

    async def __call__(
        self, language: str, version: str, rows: Iterable[SkillRow | SkillFault]
    ) -> ImportedSkills:
        """Raises SkillsFileRefused for a version older than what is here, or a file without a single skill."""
        known = await self.skills.files()
        _refuse_older(version, known)
        taken, faulty, faults = 0, 0, list[SkillFault]()
        for some in batched(rows, ROWS_AT_ONCE, strict=False):
            good = [row for row in some if isinstance(row, SkillRow)]
            bad = [row for row in some if isinstance(row, SkillFault)]
            await self.skills.put(language, version, good)
            taken, faulty = taken + len(good), faulty + len(bad)
            faults += bad[: FAULTS_SHOWN - len(faults)]
        if not taken:
            raise SkillsFileRefused("The file has no skill that could be used: download it again.")
        whole = not faulty and taken * 2 >= max((each.skills for each in known), default=0)
        file = SkillFile(language, version, taken)
        withdrawn = await self.skills.read(file, self.clock(), whole=whole)
        return ImportedSkills(language, version, taken, faulty, tuple(faults), withdrawn if whole else None)


def _refuse_older(version: str, known: Iterable[SkillFile]) -> None:
    try:
        wanted = version_key(version)
    except ValueError as error:
        raise SkillsFileRefused(
            f"A version such as 1.2.0 was expected, {version[:40]!r} was found."
        ) from error
    for file in known:
        if wanted < version_key(file.version):
            raise SkillsFileRefused(
                f"ESCO {file.version} is here already ({file.language}): give the files of that version or a newer one."
            )
